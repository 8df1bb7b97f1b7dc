//! Whole lists, page by page: the contract has neither a page size of its own nor an order to rely on but the key's.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::client::Session;
use crate::entity::Keyed;
use crate::error::{Effect, Error, Kind, Label};
use crate::query::Query;
use crate::site::Site;

/// How a whole list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Records asked for in one call.
    pub page_records: u32,
    /// Calls made at most.
    pub pages_max: u32,
}

impl Default for Paging {
    /// A thousand records in a call, two hundred calls.
    fn default() -> Self {
        Self {
            page_records: 1_000,
            pages_max: 200,
        }
    }
}

/// A whole list on its way, for callers who decide before each call whether they may make it: ask [`Pages::query`], make the
/// call, hand the page to [`Pages::add`].
#[derive(Debug)]
pub struct Pages<E> {
    query: Query,
    paging: Paging,
    records: Vec<E>,
    keys: BTreeSet<Vec<String>>,
    label: Label,
    calls: u32,
}

impl<E: Keyed> Pages<E> {
    /// Nothing read yet of what a query describes. The query's own `top` is not used.
    #[must_use]
    pub fn new(site: &Site, query: &Query, paging: Paging) -> Self {
        Self {
            query: query.clone().top(paging.page_records),
            paging,
            records: Vec::new(),
            keys: BTreeSet::new(),
            label: Label::of(Effect::Read, &Method::GET, &site.entity(E::NAME, &[])),
            calls: 0,
        }
    }

    /// What the next page is asked by.
    #[must_use]
    pub fn query(&self) -> Query {
        match self.records.last() {
            Some(last) => self.query.clone().after(last),
            None => self.query.clone(),
        }
    }

    /// Takes a page; the whole list, once this was the last one.
    ///
    /// # Errors
    /// [`Kind::Unreadable`] when the page does not go on where the one before ended, when a record has no key, or when there
    /// are more than `page_records` times `pages_max`.
    pub fn add(&mut self, page: Vec<E>) -> Result<Option<Vec<E>>, Error> {
        let full = self.paging.page_records;
        let is_last = u32::try_from(page.len()).is_ok_and(|count| count < full);
        for record in &page {
            let key: Vec<String> = record.key().into_iter().map(str::to_owned).collect();
            if key.iter().any(String::is_empty) {
                return Err(self.unreadable("a record has no key"));
            }
            if !self.keys.insert(key) {
                return Err(self.unreadable("a page does not go on where the one before ended"));
            }
        }
        self.records.extend(page);
        self.calls = self.calls.saturating_add(1);
        if is_last {
            return Ok(Some(std::mem::take(&mut self.records)));
        }
        if self.calls >= self.paging.pages_max {
            let message = format!(
                "the list is longer than {} pages of {full} records",
                self.paging.pages_max
            );
            return Err(self.unreadable(message));
        }
        Ok(None)
    }

    fn unreadable(&self, message: impl Into<String>) -> Error {
        Error::new(Kind::Unreadable, &self.label, message)
    }
}

impl Session {
    /// All records a query describes, in one call per page. The query's own `top` is not used.
    ///
    /// Whole or an error: whoever takes a part for the whole takes what is missing for wrong.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated. [`Kind::Unreadable`] as [`Pages::add`].
    pub async fn list_all<E: Keyed>(
        &mut self,
        query: &Query,
        paging: Paging,
    ) -> Result<Vec<E>, Error> {
        let mut pages = Pages::new(self.site(), query, paging);
        loop {
            let page = self.list(&pages.query()).await?;
            if let Some(all) = pages.add(page)? {
                return Ok(all);
            }
        }
    }
}
