//! Adding lines to a document that exists, for what is too long for one request.

use reqwest::Method;

use crate::client::{Session, saved};
use crate::entity::{Document, custom_of};
use crate::error::{Effect, Error, Kind, Label};
use crate::query::{Query, Rows};
use crate::transport::Body;

impl Session {
    /// Adds the rows of `document` to the record it names by its keys, with whatever else it says of the header, and returns the
    /// record as saved, with all its rows.
    ///
    /// **Not repeatable.** Rows without an id are appended, every time. After an [`Error::outcome_unknown`] read the record first,
    /// and no sooner than a request that still waits at the server can have been worked off.
    ///
    /// Source: Integration Development Guide, "Update of a Record" and "Add a Detail Line".
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the document has an id or lacks its number (a PUT would make another one); else as
    /// the server answers: 412 when there is no such record.
    pub async fn extend<D: Document>(&mut self, document: &D) -> Result<D, Error> {
        let mut url = self.site().entity(D::NAME, &[]);
        let label = Label::of(Effect::Write, &Method::PUT, &url);
        let invalid = |message: String| Error::new(Kind::Invalid, &label, message);
        if !matches!(document.identity(), (None, Some(number)) if !number.trim().is_empty()) {
            return Err(invalid(
                "a document to extend has its number only".to_owned(),
            ));
        }
        let body = document
            .to_body()
            .map_err(|error| invalid(error.to_string()))?;
        let body = Body::Update(body.to_string().into_bytes());
        let query = Query::all()
            .rows(Rows::With)
            .custom_paths(custom_of(document));
        url.set_query(Some(&query.encode::<D>(self.site().version())));
        let answer = self.send(Method::PUT, url, body, Effect::Write).await?;
        saved(answer)
    }
}
