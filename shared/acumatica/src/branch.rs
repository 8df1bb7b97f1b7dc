//! Branches: no entity of their own, so they come from the inquiry Company Branch (CS401000), or from the
//! ledgers (form GL201500) where that fails.

use std::collections::BTreeSet;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::{Session, decode};
use crate::entity::Entity;
use crate::error::{Effect, Error};
use crate::query::{Query, Rows};
use crate::transport::Body;
use crate::value;

/// A branch of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Branch {
    /// The code documents name.
    #[serde(rename = "BranchID")]
    pub branch_id: Option<String>,
    /// The name, which the header `PX-CbApiBranch` wants.
    pub branch_name: Option<String>,
    /// Whether documents may name it.
    pub branch_status: Option<bool>,
    /// Code of its company; the ledgers do not tell.
    #[serde(rename = "CompanyID")]
    pub company_id: Option<String>,
    /// Name of its company.
    pub company_name: Option<String>,
    /// ISO code in which its books are kept.
    #[serde(rename = "BaseCurrencyID")]
    pub base_currency_id: Option<String>,
}

/// The inquiry: read by PUT, and only with its rows.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CompaniesStructure {
    results: Vec<Branch>,
}

/// A ledger, for its branches.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Ledger {
    #[serde(rename = "Type")]
    kind: Option<String>,
    currency: Option<String>,
    branches: Vec<LedgerBranch>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LedgerBranch {
    #[serde(rename = "BranchID")]
    branch_id: Option<String>,
    branch_name: Option<String>,
    company_name: Option<String>,
    active: Option<bool>,
}

impl Entity for CompaniesStructure {
    const NAME: &'static str = "CompaniesStructure";

    fn outline() -> Self {
        Self {
            results: vec![Branch::default()],
        }
    }
}

impl Entity for Ledger {
    const NAME: &'static str = "Ledger";

    fn outline() -> Self {
        Self {
            branches: vec![LedgerBranch::default()],
            ..Self::default()
        }
    }
}

impl Session {
    /// Every branch of the tenant. Asks the inquiry, and the ledgers where it fails or knows none.
    ///
    /// Source: Integration Development Guide, "Retrieval of Data from an Inquiry Form"; the fallback, because sites were
    /// seen to answer the inquiry with 500.
    ///
    /// # Errors
    /// An [`Error`]; may be repeated.
    pub async fn branches(&mut self) -> Result<Vec<Branch>, Error> {
        match self.companies_structure().await {
            Ok(branches) if !branches.is_empty() => Ok(branches),
            Err(error) if error.is_transient() || error.is_unauthorized() => Err(error),
            Ok(_) | Err(_) => self.ledger_branches().await,
        }
    }

    async fn companies_structure(&mut self) -> Result<Vec<Branch>, Error> {
        let mut url = self.site().entity(CompaniesStructure::NAME, &[]);
        url.set_query(Some("$expand=Results"));
        let sent = Body::Json(b"{}".to_vec());
        let answer = self.send(Method::PUT, url, sent, Effect::Read).await?;
        let rows: Vec<Branch> = match value::unwrap(answer.json) {
            // Seen as the rows themselves, and as a list of one inquiry.
            Value::Array(rows) if rows.iter().all(|row| row.get("Results").is_none()) => {
                decode(&answer.label, answer.status, &Value::Array(rows))?
            }
            Value::Array(inquiries) => {
                let inquiries = Value::Array(inquiries);
                let read: Vec<CompaniesStructure> =
                    decode(&answer.label, answer.status, &inquiries)?;
                read.into_iter().flat_map(|one| one.results).collect()
            }
            Value::Null => Vec::new(),
            inquiry => {
                decode::<CompaniesStructure>(&answer.label, answer.status, &inquiry)?.results
            }
        };
        Ok(with_ids(rows))
    }

    async fn ledger_branches(&mut self) -> Result<Vec<Branch>, Error> {
        let mut ledgers: Vec<Ledger> = self.list(&Query::all().rows(Rows::With)).await?;
        // Only an actual ledger is kept in the base currency.
        ledgers.sort_by_key(|ledger| !ledger.is_actual());
        let rows = ledgers.into_iter().flat_map(|ledger| {
            let currency = ledger.currency.clone().filter(|_| ledger.is_actual());
            ledger.branches.into_iter().map(move |row| Branch {
                branch_id: row.branch_id,
                branch_name: row.branch_name,
                branch_status: row.active,
                company_id: None,
                company_name: row.company_name,
                base_currency_id: currency.clone(),
            })
        });
        Ok(with_ids(rows.collect()))
    }
}

impl Ledger {
    fn is_actual(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        kind.eq_ignore_ascii_case("Actual")
    }
}

/// Each branch once; companies without branches have rows too.
fn with_ids(rows: Vec<Branch>) -> Vec<Branch> {
    let mut seen = BTreeSet::new();
    let mut is_first = |row: &Branch| {
        let id = row.branch_id.clone().unwrap_or_default();
        !id.is_empty() && seen.insert(id)
    };
    rows.into_iter().filter(|row| is_first(row)).collect()
}
