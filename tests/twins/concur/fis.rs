//! The Financial Integration Service: list and acknowledge.

use serde_json::{Value, json};

use super::documents::{Held, Shelf, Status};
use super::{Core, confirm, failure};
use crate::twins::faults::Fault;
use crate::twins::wire::{Call, Reply};

/// Page size when the caller names none.
const LIMIT_DEFAULT: usize = 25;
/// Longest system id, in characters.
pub(super) const SYSTEM_ID_LENGTH_MAX: usize = 50;
/// Every document type the service knows.
const DOC_TYPES: [&str; 6] = [
    "expense",
    "invoice",
    "cashadvance",
    "payroll",
    "requestobligation",
    "reportobligation",
];
/// The number a company has beside its UUID.
const COMPANY_ID: &str = "192544";
/// The code of the company's entity.
const ENTITY_ID: &str = "p0085104gigw";

/// A call together with what shall go wrong inside it.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) call: &'a Call,
    pub(super) fault: Option<&'a Fault>,
}

impl Order<'_> {
    /// The service code every item is answered with, where that is scripted.
    pub(super) fn forced_code(&self) -> Option<i64> {
        match self.fault {
            Some(Fault::Code(code)) => Some(*code),
            _ => None,
        }
    }
}

/// Answers everything below `…/transactiontypes/{docType}`.
pub(super) fn answer(core: &Core, doc_type: &str, rest: &[&str], order: &Order<'_>) -> Reply {
    if order.call.header("authorization").is_none() {
        return failure(401, "Authorization header missing");
    }
    let mut state = core.state();
    if !order
        .call
        .bearer()
        .is_some_and(|token| state.tokens.is_good(token))
    {
        return failure(403, "token is invalid or expired");
    }
    if !core.options.scope.split(' ').any(|scope| scope == "FISVC") {
        return failure(403, "the token lacks the scope FISVC");
    }
    if !DOC_TYPES.contains(&doc_type) {
        return failure(400, "unknown document type");
    }
    match (order.call.method.as_str(), rest) {
        ("GET", ["transactions"]) => list(core, &mut state.shelf, doc_type, order),
        ("POST", ["transactions", "acknowledgements"]) => {
            acknowledge(&mut state.shelf, doc_type, order)
        }
        ("POST", ["transactions", "postingconfirmations"]) => {
            confirm::answer(&mut state.shelf, doc_type, order)
        }
        (_, ["transactions", ..]) => failure(405, "method not allowed"),
        _ => failure(404, "no such resource"),
    }
}

/// What a list asks for, checked.
struct Wanted<'a> {
    page: usize,
    limit: usize,
    business_id: Option<&'a str>,
    any_status: bool,
    system_id: Option<&'a str>,
}

fn wanted(call: &Call) -> Option<Wanted<'_>> {
    let text = |name: &str| call.query.get(name).map(String::as_str);
    let count =
        |name: &str, absent: usize| text(name).map_or(Some(absent), |digits| digits.parse().ok());
    let business_id = text("docId").filter(|id| !id.is_empty());
    let ignore = match text("ignoreDocumentStatus").unwrap_or("no") {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    Some(Wanted {
        page: count("page", 0)?,
        limit: count("limit", LIMIT_DEFAULT).filter(|limit| *limit > 0)?,
        business_id,
        // Without a business id the service falls back to ready documents only.
        any_status: ignore && business_id.is_some(),
        system_id: text("systemId").filter(|id| !id.is_empty()),
    })
}

fn list(core: &Core, shelf: &mut Shelf, doc_type: &str, order: &Order<'_>) -> Reply {
    let Some(wanted) = wanted(order.call) else {
        return failure(400, "page, limit or ignoreDocumentStatus is not valid");
    };
    let mut matching: Vec<&Held> = shelf
        .all()
        .iter()
        .filter(|held| held.doc_type == doc_type)
        .filter(|held| wanted.any_status || held.status == Status::Ready)
        .filter(|held| wanted.business_id.is_none_or(|id| held.business_id == id))
        .filter(|held| {
            wanted
                .system_id
                .is_none_or(|id| held.system_id.as_deref() == Some(id))
        })
        .collect();
    if order.fault == Some(&Fault::EmptyList) {
        matching.clear();
    }
    let total = matching.len();
    // A query by business id is not paged.
    let (page, limit) = if wanted.business_id.is_some() {
        (0, total.max(1))
    } else {
        (wanted.page, wanted.limit)
    };
    let pages = total.div_ceil(limit);
    let as_text = order
        .call
        .header("DocumentFormatAs")
        .is_some_and(|format| format.eq_ignore_ascii_case("text"));
    let shown: Vec<&Held> = matching
        .into_iter()
        .skip(page.saturating_mul(limit))
        .take(limit)
        .collect();
    let content: Vec<Value> = shown
        .iter()
        .map(|held| envelope(core, held, as_text))
        .collect();
    let ids: Vec<String> = shown.iter().map(|held| held.id.clone()).collect();
    shelf.listed(&ids);
    Reply::json(
        200,
        &json!({
            "page": {"size": content.len(), "totalElements": total, "totalPages": pages, "number": page},
            "links": links(doc_type, page, pages, limit),
            "content": content,
        }),
    )
}

fn envelope(core: &Core, held: &Held, as_text: bool) -> Value {
    json!({
        "id": held.id,
        "docType": held.doc_type,
        "companyId": COMPANY_ID,
        "entityId": ENTITY_ID,
        "companyUuid": core.options.company_uuid,
        "erpSystemId": held.system_id,
        "document": if as_text { Value::String(held.document.to_string()) } else { held.document.clone() },
        "docStatus": held.status.as_str(),
        "links": [],
    })
}

/// Links as published: a placeholder host that leads nowhere, `limit`, `page` and `size` together.
fn links(doc_type: &str, page: usize, pages: usize, limit: usize) -> Vec<Value> {
    let last = pages.saturating_sub(1);
    let mut places = vec![("first", 0), ("self", page)];
    if page > 0 {
        places.push(("prev", page - 1));
    }
    if page < last {
        places.push(("next", page + 1));
    }
    places.push(("last", last));
    places
        .into_iter()
        .map(|(rel, number)| {
            let href = format!(
                "https://fiserviceurlhere/fi/v4/companies/transactiontypes/{doc_type}/transactions?limit={limit}&page={number}&size={limit}"
            );
            json!({"rel": rel, "href": href, "hreflang": null, "media": null, "title": null, "type": null, "deprecation": null})
        })
        .collect()
}

fn acknowledge(shelf: &mut Shelf, doc_type: &str, order: &Order<'_>) -> Reply {
    let Some(body) = order.call.json() else {
        return failure(400, "the body is not JSON");
    };
    let ids: Option<Vec<&str>> = body
        .get("ids")
        .and_then(Value::as_array)
        .and_then(|ids| ids.iter().map(Value::as_str).collect());
    let system_id = match body.get("systemId") {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(id)) if id.chars().count() <= SYSTEM_ID_LENGTH_MAX => {
            Some(Some(id.as_str()))
        }
        Some(_) => None,
    };
    let (Some(ids), Some(system_id)) = (ids.filter(|ids| !ids.is_empty()), system_id) else {
        return failure(400, "ids or systemId is missing or not valid");
    };
    let items: Vec<Value> = ids
        .into_iter()
        .map(|id| {
            let code = order
                .forced_code()
                .unwrap_or_else(|| claim(shelf, doc_type, id, system_id));
            acknowledged_item(shelf, id, code)
        })
        .collect();
    Reply::json(200, &Value::Array(items))
}

/// Claims one document where it can be claimed; returns the service code.
fn claim(shelf: &mut Shelf, doc_type: &str, id: &str, system_id: Option<&str>) -> i64 {
    let Some(held) = shelf.find_mut(id) else {
        return 104;
    };
    if held.doc_type != doc_type {
        return 105;
    }
    match held.status {
        Status::Recalled => 102,
        Status::Delayed | Status::Void => 103,
        Status::Acknowledged
        | Status::PostingConfirmedSuccess
        | Status::PostingConfirmedFailure => 101,
        Status::Ready if held.system_id.is_some() && held.system_id.as_deref() != system_id => 99,
        Status::Ready => {
            held.status = Status::Acknowledged;
            held.system_id = system_id.map(str::to_owned);
            held.audit
                .push(format!("acknowledged by {}", system_id.unwrap_or("null")));
            0
        }
    }
}

fn acknowledged_item(shelf: &Shelf, id: &str, code: i64) -> Value {
    let system_id = shelf.find(id).and_then(|held| held.system_id.clone());
    let message = match code {
        0 => String::new(),
        99 => "The systemId differs from the stored one.".to_owned(),
        101 => format!(
            "This document was previously acknowledged by SystemId: {}.",
            system_id.as_deref().unwrap_or("null")
        ),
        102 => "This document was recalled.".to_owned(),
        103 => "This document is not ready.".to_owned(),
        104 => "This document does not exist.".to_owned(),
        105 => "This document has another type.".to_owned(),
        _ => "Unknown error, try again later.".to_owned(),
    };
    json!({
        "code": code,
        "docId": id,
        "systemId": system_id,
        "acknowledgeResult": if code == 0 { "SUCCESS" } else { "FAILURE" },
        "errorMessage": message,
    })
}
