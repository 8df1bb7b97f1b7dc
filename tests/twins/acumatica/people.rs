//! What people do to documents in Acumatica while the connector is away.

use serde_json::json;

use super::actions;
use super::contract::Entity;
use super::read::position;
use super::record::Fields;
use super::{AcumaticaTwin, State};
use crate::amounts::number;

impl AcumaticaTwin {
    /// Releases a document on its form.
    ///
    /// # Panics
    /// The form refuses.
    #[expect(clippy::panic, reason = "a story that goes wrong fails its test")]
    pub fn release(&self, entity: &str, keys: &[&str]) {
        let mut state = self.core.state();
        let State { books, .. } = &mut *state;
        let known = Entity::find(entity);
        let at = known.and_then(|known| position(known, books.records(entity), keys));
        let id = at.and_then(|at| {
            books
                .records(entity)
                .get(at)
                .map(|record| record.id.clone())
        });
        let (Some(known), Some(id)) = (known, id) else {
            panic!("no {entity} {keys:?}");
        };
        if let Err(text) = actions::release(books, &self.core.options, known, &id) {
            panic!("{entity} {keys:?}: {text}");
        }
    }

    /// Deletes a document, whatever its status: by hand, after undoing what stood in the way.
    pub fn remove(&self, entity: &str, keys: &[&str]) {
        let mut state = self.core.state();
        let books = &mut state.books;
        let known = Entity::find(entity);
        let at =
            known.and_then(|known| Some((known, position(known, books.records(entity), keys)?)));
        if let Some((known, at)) = at {
            books.remove(known, at);
        }
    }

    /// Applies a released adjustment to a released bill on Checks and Payments: what one has left pays the other, and what has
    /// nothing left is closed.
    pub fn apply(&self, adjustment: &[&str], bill: &[&str]) {
        let mut state = self.core.state();
        let books = &mut state.books;
        let Some(known) = Entity::find("Bill") else {
            return;
        };
        let place = |keys: &[&str]| position(known, books.records("Bill"), keys);
        let (Some(one), Some(other)) = (place(adjustment), place(bill)) else {
            return;
        };
        let open = |at: usize| {
            let record = books.records("Bill").get(at)?;
            let is_open = record.text("Status") == "Open";
            record.amount("Balance").filter(|_| is_open)
        };
        let (Some(left), Some(owed)) = (open(one), open(other)) else {
            return;
        };
        let paid = left.min(owed);
        for (at, rest) in [(one, left - paid), (other, owed - paid)] {
            books.edit("Bill", at, "Balance", number(rest));
            if rest.is_zero() {
                books.edit("Bill", at, "Status", json!("Closed"));
            }
        }
    }

    /// A payment of a released bill, of all of it or a part.
    pub fn pay(&self, bill: &[&str], amount: rust_decimal::Decimal) {
        let mut state = self.core.state();
        let books = &mut state.books;
        let place =
            Entity::find("Bill").and_then(|known| position(known, books.records("Bill"), bill));
        let Some(at) = place else { return };
        let owed = books
            .records("Bill")
            .get(at)
            .and_then(|bill| bill.amount("Balance"));
        let rest = owed.unwrap_or_default() - amount;
        books.edit("Bill", at, "Balance", number(rest));
        if rest.is_zero() {
            books.edit("Bill", at, "Status", json!("Closed"));
        }
    }
}
