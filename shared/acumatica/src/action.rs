//! Actions: what a button of a form does. They can outlive the request; then a status address tells of them.
//!
//! Source: Integration Development Guide, "Execute an Action That Is Present in an Endpoint".

use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;

use crate::bill::{Bill, BillType};
use crate::client::Session;
use crate::entity::Entity;
use crate::error::{Effect, Error, Kind, Label};
use crate::fault;
use crate::journal::JournalTransaction;
use crate::site::Site;
use crate::transport::{Answer, Body};

/// How far an action got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionOutcome {
    /// It ended, or there was nothing to do. Read the record again before anybody is told.
    Done,
    /// It goes on at the server: ask [`Session::action_status`] in a second or two, in the same session. Meanwhile other
    /// requests to the same form fail.
    Running(ActionStatus),
}

/// Where a running action is asked about: an address of the site it was started on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionStatus(Url);

impl Session {
    /// Releases an AP document: from `Balanced` it becomes `Open` (or `Closed` with nothing to pay). Documents on hold
    /// or waiting for approval are refused.
    ///
    /// **Not repeatable** as it stands: after an [`Error::outcome_unknown`] read the document first; released ones are refused.
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the number is empty; else as the server answers.
    pub async fn release_bill(
        &mut self,
        kind: &BillType,
        number: &str,
    ) -> Result<ActionOutcome, Error> {
        let keys = [("Type", kind.as_str()), ("ReferenceNbr", number)];
        self.act(Bill::NAME, "ReleaseBill", keys).await
    }

    /// Releases a batch: from `Balanced` it becomes `Posted`, or `Unposted` where the tenant posts by hand. A failed
    /// release leaves it `Balanced`. `module` is `GL` for ours.
    ///
    /// **Not repeatable** as it stands: after an [`Error::outcome_unknown`] read the batch first; released ones are refused.
    ///
    /// # Errors
    /// [`Kind::Invalid`] before any call when the number is empty; else as the server answers.
    pub async fn release_journal(
        &mut self,
        module: &str,
        number: &str,
    ) -> Result<ActionOutcome, Error> {
        let keys = [("Module", module), ("BatchNbr", number)];
        let action = "ReleaseJournalTransaction";
        self.act(JournalTransaction::NAME, action, keys).await
    }

    /// Asks once how far a running action got; when to ask again is the caller's to decide.
    ///
    /// # Errors
    /// Transient ones tell nothing of the action: ask again. Any other is how the server reports that it failed. Either
    /// way only the record, read again, tells what became of it. May be repeated.
    pub async fn action_status(&mut self, running: &ActionStatus) -> Result<ActionOutcome, Error> {
        let url = running.0.clone();
        let answer = self
            .send(Method::GET, url, Body::Empty, Effect::Watch)
            .await?;
        match answer.status {
            // A running action keeps its address, whether the answer says so again or not.
            202 => Ok(ActionOutcome::Running(running.clone())),
            _ => self.outcome(answer, &running.0),
        }
    }

    /// Keys and nothing else: with any other field the server does not find the record, and says so with a null reference.
    async fn act(
        &mut self,
        entity: &str,
        action: &str,
        keys: [(&str, &str); 2],
    ) -> Result<ActionOutcome, Error> {
        let url = self.site().entity(entity, &[action]);
        let call = Label::of(Effect::Write, &Method::POST, &url);
        let is_blank = |(_, value): &(&str, &str)| value.trim().is_empty();
        if keys.iter().any(is_blank) {
            return Err(Error::new(Kind::Invalid, &call, "a key is empty"));
        }
        let keys = keys.map(|(name, value)| (name.to_owned(), json!({ "value": value })));
        let body = json!({"entity": Map::from_iter(keys), "parameters": {}}).to_string();
        let sent = Body::Json(body.into_bytes());
        let answer = self
            .send(Method::POST, url.clone(), sent, Effect::Write)
            .await?;
        self.outcome(answer, &url)
    }

    fn outcome(&self, answer: Answer, asked: &Url) -> Result<ActionOutcome, Error> {
        let Answer {
            label,
            status,
            location,
            json,
            ..
        } = answer;
        let unclear = |message: String| {
            let body = match &json {
                Value::Null => String::new(),
                json => json.to_string(),
            };
            Error::unreadable(&label, status, body.as_bytes(), message)
        };
        match status {
            // A location beside it leads nowhere.
            204 => Ok(ActionOutcome::Done),
            202 => status_address(self.site(), asked, location.as_deref().unwrap_or_default())
                .map(|url| ActionOutcome::Running(ActionStatus(url)))
                .ok_or_else(|| unclear("no status address of this site".to_owned())),
            _ => {
                let findings = fault::read(&json);
                let message = match findings.sentences.join("; ") {
                    none if none.is_empty() => "neither running nor done".to_owned(),
                    sentences => sentences,
                };
                Err(unclear(message).with_faults(findings.faults))
            }
        }
    }
}

/// The address a `Location` means: absolute, or relative to the host or the site. `None` when it leads away from the
/// site, whose token it would get.
fn status_address(site: &Site, asked: &Url, location: &str) -> Option<Url> {
    if location.is_empty() {
        return None;
    }
    let url = asked.join(location).ok()?;
    let url = if site.owns(&url) {
        url
    } else {
        let below = location.strip_prefix("/entity/")?;
        site.at(&["entity", ""]).join(below).ok()?
    };
    let is_status = url.path().contains("/status/");
    (site.owns(&url) && is_status).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EndpointVersion, Hosts};

    const STATUS: &str = "/entity/Default/24.200.001/Bill/ReleaseBill/status/0f";

    fn check(site: &str, location: &str, expected: Option<&str>) {
        let site = Site::new(site, "ACME", "Default", EndpointVersion::V24, Hosts::Https).unwrap();
        let asked = site.entity("Bill", &["ReleaseBill"]);
        let found = status_address(&site, &asked, location);
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{location}");
    }

    #[test]
    fn a_status_address_stays_on_the_site() {
        let (root, site) = ("https://a.example", "https://a.example/site");
        let at_root = format!("{root}{STATUS}");
        let at_site = format!("{site}{STATUS}");
        check(root, STATUS, Some(&at_root));
        check(root, &at_root, Some(&at_root));
        check(root, "ReleaseBill/status/0f", Some(&at_root));
        check(site, &format!("/site{STATUS}"), Some(&at_site));
        check(site, &at_site, Some(&at_site));
        check(site, STATUS, Some(&at_site));
        for away in [
            "",
            "https://evil.example/site/entity/x/status/0f",
            "https://a.example:444/site/entity/x/status/0f",
            "http://a.example/site/entity/x/status/0f",
            "//evil.example/entity/x/status/0f",
            "/entity//evil.example/../../../../other/status/0f",
            "https://user:pass@a.example/site/entity/x/status/0f",
            "/other/entity/x/status/0f",
            "/site/entity/../../other/status/0f",
            "/siteother/entity/x/status/0f",
            "/site/entity/auth/logout",
            "javascript:alert(1)",
        ] {
            check(site, away, None);
        }
    }
}
