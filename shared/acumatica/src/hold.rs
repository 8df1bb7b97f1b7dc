//! Taking documents off hold.

use reqwest::Method;
use serde_json::{Map, json};

use crate::bill::{Bill, BillType};
use crate::client::{Session, saved};
use crate::entity::Document;
use crate::error::{Effect, Error, Kind, Label};
use crate::journal::JournalTransaction;
use crate::query::{Query, Rows};
use crate::transport::Body;

impl Session {
    /// Takes an AP document off hold and returns it as saved: `Balanced`, or `Pending Approval` where an approval map
    /// wants a person to look at it first.
    ///
    /// May be repeated; the lines stay as they are. Source: Integration Development Guide, "Update a Record".
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the number is empty; else as the server answers: 412 when there is no such
    /// document, 422 when it is beyond that.
    pub async fn take_bill_off_hold(
        &mut self,
        kind: &BillType,
        number: &str,
    ) -> Result<Bill, Error> {
        let keys = [("Type", kind.as_str()), ("ReferenceNbr", number)];
        self.take_off_hold(keys).await
    }

    /// Takes a batch off hold and returns it as saved, as [`take_bill_off_hold`](Self::take_bill_off_hold) does. `module`
    /// is `GL` for ours.
    ///
    /// # Errors
    /// As there; also 422 when its debits and credits differ.
    pub async fn take_journal_off_hold(
        &mut self,
        module: &str,
        number: &str,
    ) -> Result<JournalTransaction, Error> {
        let keys = [("Module", module), ("BatchNbr", number)];
        self.take_off_hold(keys).await
    }

    async fn take_off_hold<D: Document>(&mut self, keys: [(&str, &str); 2]) -> Result<D, Error> {
        let mut url = self.site().entity(D::NAME, &[]);
        let label = Label::of(Effect::Write, &Method::PUT, &url);
        if keys.iter().any(|(_, value)| value.trim().is_empty()) {
            // Without its key the record would be a new one.
            return Err(Error::new(Kind::Invalid, &label, "a key is empty"));
        }
        let keys = keys.map(|(name, value)| (name.to_owned(), json!({ "value": value })));
        let mut body = Map::from_iter(keys);
        body.insert("Hold".to_owned(), json!({"value": false}));
        let body = Body::Update(json!(body).to_string().into_bytes());
        let query = Query::all().rows(Rows::With);
        url.set_query(Some(&query.encode::<D>(self.site().version())));
        let answer = self.send(Method::PUT, url, body, Effect::Write).await?;
        saved(answer)
    }
}
