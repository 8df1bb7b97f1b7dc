//! Inquiries: read by PUT, and only with their rows asked for.

use serde_json::{Value, json};

use super::books::Books;
use super::contract::Entity;
use super::read;
use super::record::Fields;
use crate::twins::wire::{Call, Reply};

/// An inquiry cannot be read as a list.
pub(super) fn unoptimisable(entity: &Entity) -> Reply {
    read::exception(
        500,
        "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
        &format!(
            "Optimization cannot be performed. {}: the view has a BQL delegate",
            entity.name
        ),
    )
}

/// `CompaniesStructure`: the branches, only with `$expand=Results`.
pub(super) fn branches(books: &Books, call: &Call) -> Reply {
    if call.query.get("$expand").map(String::as_str) != Some("Results") {
        return Reply::json(200, &json!({}));
    }
    let rows: Vec<Value> = books
        .records("Ledger")
        .iter()
        .flat_map(|ledger| ledger.rows("Branches"))
        .map(|branch| {
            json!({
                "CompanyID": {"value": "TWIN"},
                "CompanyName": {"value": branch.text("CompanyName")},
                "CompanyType": {"value": "With Branches Not Requiring Balancing"},
                "CompanyStatus": {"value": true},
                "BranchID": {"value": branch.text("BranchID")},
                "BranchName": {"value": branch.text("BranchName")},
                "BranchStatus": {"value": branch.flag("Active")},
                "BaseCurrencyID": {"value": branch.text("BaseCurrencyID")},
            })
        })
        .collect();
    Reply::json(200, &json!({"Results": rows}))
}
