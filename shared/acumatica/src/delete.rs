//! Deleting documents that are not released, and reading them in full before: what is gone cannot be asked for.
//!
//! Source: Integration Development Guide, "Remove a Record".

use reqwest::Method;

use crate::bill::{Bill, BillType};
use crate::client::{Session, is_key};
use crate::entity::Entity;
use crate::error::{Effect, Error, Kind, Label};
use crate::journal::JournalTransaction;
use crate::transport::Body;

impl Session {
    /// One AP document with its lines, and its JSON as answered, with what [`Bill`] leaves out; `None` when there is none.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn bill_in_full(
        &mut self,
        kind: &BillType,
        number: &str,
    ) -> Result<Option<(Bill, String)>, Error> {
        self.in_full(&[kind.as_str(), number]).await
    }

    /// One batch with its lines, as [`bill_in_full`](Self::bill_in_full) reads an AP document. `module` is `GL` for ours.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn journal_in_full(
        &mut self,
        module: &str,
        number: &str,
    ) -> Result<Option<(JournalTransaction, String)>, Error> {
        self.in_full(&[module, number]).await
    }

    /// Deletes an AP document that is on hold or balanced; Acumatica refuses any other. May be repeated: one that is gone is
    /// [`Kind::NotFound`].
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the number is blank; else an [`Error`]. After an [`Error::outcome_unknown`]
    /// read it again.
    pub async fn delete_bill(&mut self, kind: &BillType, number: &str) -> Result<(), Error> {
        self.delete::<Bill>(&[kind.as_str(), number]).await
    }

    /// Deletes a batch that is on hold or balanced, as [`delete_bill`](Self::delete_bill) does an AP document.
    ///
    /// # Errors
    /// As there.
    pub async fn delete_journal(&mut self, module: &str, number: &str) -> Result<(), Error> {
        self.delete::<JournalTransaction>(&[module, number]).await
    }

    async fn delete<E: Entity>(&mut self, keys: &[&str]) -> Result<(), Error> {
        let url = self.site().entity(E::NAME, keys);
        if !keys.iter().copied().all(is_key) {
            let label = Label::of(Effect::Write, &Method::DELETE, &url);
            let message = "a key is empty or cannot stand in an address";
            return Err(Error::new(Kind::Invalid, &label, message));
        }
        self.send(Method::DELETE, url, Body::Empty, Effect::Write)
            .await
            .map(|_| ())
    }
}
