//! A connection as the operator writes it: the two systems here, the accounting in [`posting::rules`]. Every fault is
//! reported at once with its JSON path, and nothing of it is ever a credential.

use acumatica::{CustomField, EndpointVersion, JournalStatus, JournalTransaction, Site};
use concur::Geolocation;
use posting::rules::{Fault, Faults, Reader, Rules};
use posting::{ConnectionId, Stamp};
use serde_json::Value;

use crate::needs::Deployment;
use crate::schedule::Schedule;

/// Longest system id, in characters (FIS v4, `systemId`).
pub const SYSTEM_ID_CHARS_MAX: usize = 50;
/// API sessions a licence may hold; more in one connection is a slip of the keyboard.
const SEATS_MAX: u64 = 50;
/// With fewer, a search takes them all and no write ever follows it.
const REQUESTS_PER_MINUTE_MIN: u64 = 10;
/// API requests per minute of the largest licence tiers, and some room.
const REQUESTS_PER_MINUTE_MAX: u64 = 10_000;
/// Where the licence's number is not written down: what the smallest licence allows.
const REQUESTS_PER_MINUTE: u64 = 50;

/// One customer's pair of a Concur company and an Acumatica tenant, with its rules, ready to be used.
#[derive(Debug)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Version of the stored text.
    pub version: u64,
    /// The Concur company.
    pub concur: Concur,
    /// The Acumatica tenant.
    pub acumatica: Acumatica,
    /// When it is polled.
    pub schedule: Schedule,
    /// How documents become postings.
    pub rules: Rules,
}

/// `concur` of a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct Concur {
    /// `token_url`: where the first token is asked for.
    pub token_url: Geolocation,
    /// `company_uuid`.
    pub company_uuid: String,
    /// `system_id`: who we are to Concur; `{stack}-{connection}` where left out.
    pub system_id: String,
}

/// `acumatica` of a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct Acumatica {
    /// `url`, `tenant`, `endpoint` and `version`.
    pub site: Site,
    /// `url` as written, for comparing versions of the connection.
    pub url: String,
    /// `seats`: API sessions the connector may hold at a time; 1 where left out.
    pub seats: u32,
    /// `requests_per_minute`, which all seats share; 50 where left out. A twentieth of it is left to the site.
    pub requests_per_minute: u32,
    /// `key_field.bill`: user-defined field that carries the stamp of AP documents.
    pub bill_key: Option<CustomField>,
    /// `key_field.journal`: the same of journals.
    pub journal_key: Option<CustomField>,
}

impl Acumatica {
    /// Which tenant this is: its address and its name, in lower case.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{} {}", self.url, self.site.tenant().to_lowercase())
    }
}

impl Connection {
    /// Reads a connection.
    ///
    /// # Errors
    /// Every fault, with its JSON path and what is expected there.
    pub fn read(text: &str, version: u64, deployment: &Deployment) -> Result<Self, Vec<Fault>> {
        let value: Value = serde_json::from_str(text).map_err(|source| {
            vec![Fault::new(
                "",
                format!(
                    "is no JSON at line {} column {}",
                    source.line(),
                    source.column()
                ),
            )]
        })?;
        Self::of(&value, version, deployment)
    }

    /// Reads a connection that is JSON already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(value: &Value, version: u64, deployment: &Deployment) -> Result<Self, Vec<Fault>> {
        let faults = Faults::new();
        let read = {
            let mut top = Reader::root(value, &faults);
            // Editors find the schema by it.
            top.optional_text("$schema");
            let id = id(&mut top);
            let concur = concur(&mut top, id.as_ref(), deployment);
            let acumatica = acumatica(&mut top, deployment);
            let schedule = Schedule::read(&mut top);
            let rules = Rules::read_from(&mut top);
            let version = acumatica
                .as_ref()
                .map(|acumatica| acumatica.site.version().as_str());
            faults.extend(version.and_then(|version| rules.check_endpoint(version)));
            id.zip(concur)
                .zip(acumatica)
                .map(|parts| (parts, schedule, rules))
        };
        match (read, faults.into_vec()) {
            (Some((((id, concur), acumatica), schedule, rules)), faults) if faults.is_empty() => {
                Ok(Self {
                    id,
                    version,
                    concur,
                    acumatica,
                    schedule,
                    rules,
                })
            }
            // A part can only be absent because of a fault, so the list is never empty here.
            (_, faults) => Err(faults),
        }
    }

    /// What must not change while documents are under way.
    #[must_use]
    pub fn fixed(&self) -> Fixed {
        Fixed::of(&self.concur, &self.acumatica)
    }
}

/// What must not change while documents are under way: they would be searched, confirmed or posted in another place than
/// they were begun in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed([(&'static str, String); 7]);

impl Fixed {
    /// Reads no more of a stored connection than this, so that faults elsewhere in it do not count. `None` when not even that
    /// can be read.
    #[must_use]
    pub fn read(text: &str, deployment: &Deployment) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let faults = Faults::new();
        let mut top = Reader::root(&value, &faults);
        let id = id(&mut top);
        let concur = concur(&mut top, id.as_ref(), deployment)?;
        Some(Self::of(&concur, &acumatica(&mut top, deployment)?))
    }

    /// What differs in another: the path and the value here.
    pub fn differences(&self, other: &Self) -> impl Iterator<Item = (&'static str, &str)> {
        let pairs = self.0.iter().zip(&other.0);
        pairs
            .filter(|(here, there)| here != there)
            .map(|((path, here), _)| (*path, here.as_str()))
    }

    fn of(concur: &Concur, acumatica: &Acumatica) -> Self {
        let field = |field: &Option<CustomField>| {
            field.as_ref().map(ToString::to_string).unwrap_or_default()
        };
        Self([
            ("concur.company_uuid", concur.company_uuid.clone()),
            ("concur.system_id", concur.system_id.clone()),
            ("acumatica.url", acumatica.url.clone()),
            ("acumatica.tenant", acumatica.site.tenant().to_lowercase()),
            ("acumatica.endpoint", acumatica.site.endpoint().to_owned()),
            ("acumatica.key_field.bill", field(&acumatica.bill_key)),
            ("acumatica.key_field.journal", field(&acumatica.journal_key)),
        ])
    }
}

impl Acumatica {
    /// Finds the stamp of an AP document: in its key field where there is one, else last in its description.
    #[must_use]
    pub fn bill_stamp(&self, bill: &acumatica::Bill) -> Option<Stamp> {
        self.bill_mark(bill).and_then(Stamp::find)
    }

    /// Whether a word of an AP document's stamp place is this mark.
    #[must_use]
    pub fn bill_carries(&self, bill: &acumatica::Bill, mark: &str) -> bool {
        words(self.bill_mark(bill)).any(|word| word == mark)
    }

    /// Whether an AP document takes another one back: its stamp ends in `R`, which [`Stamp::find`] never finds.
    #[must_use]
    pub fn is_reversing_bill(&self, bill: &acumatica::Bill) -> bool {
        words(self.bill_mark(bill)).any(|word| word.starts_with(Stamp::MARK) && word.ends_with('R'))
    }

    /// Whether a word of a journal's stamp place is this mark.
    #[must_use]
    pub fn journal_carries(&self, journal: &JournalTransaction, mark: &str) -> bool {
        words(self.journal_mark(journal)).any(|word| word == mark)
    }

    /// Whether one of these journals, which is in the ledger, takes this one back.
    #[must_use]
    pub fn is_reversed(&self, journal: &JournalTransaction, all: &[JournalTransaction]) -> bool {
        let Some(stamp) = self.journal_stamp(journal) else {
            return false;
        };
        let mark = format!("{stamp}R");
        let is_posted = |other: &&JournalTransaction| {
            let status = other.status.as_ref();
            matches!(
                status,
                Some(JournalStatus::Posted | JournalStatus::Unposted)
            )
        };
        all.iter()
            .filter(is_posted)
            .any(|other| self.journal_carries(other, &mark))
    }

    fn bill_mark<'a>(&self, bill: &'a acumatica::Bill) -> Option<&'a str> {
        match &self.bill_key {
            Some(key) => bill.custom.text(key),
            None => bill.description.as_deref(),
        }
    }

    fn journal_mark<'a>(&self, journal: &'a JournalTransaction) -> Option<&'a str> {
        match &self.journal_key {
            Some(key) => journal.custom.text(key),
            None => journal.description.as_deref(),
        }
    }

    /// Finds the stamp of a journal: in its key field where there is one, else first in its description.
    #[must_use]
    pub fn journal_stamp(&self, journal: &JournalTransaction) -> Option<Stamp> {
        self.journal_mark(journal).and_then(Stamp::find)
    }
}

fn words(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split_whitespace()
}

fn id(top: &mut Reader<'_>) -> Option<ConnectionId> {
    let text = top.text("id")?;
    ConnectionId::new(text)
        .map_err(|invalid| top.fault("id", invalid.to_string(), ""))
        .ok()
}

fn concur(
    top: &mut Reader<'_>,
    id: Option<&ConnectionId>,
    deployment: &Deployment,
) -> Option<Concur> {
    let mut section = required(top, "concur");
    let token_url = section.text("token_url").and_then(|address| {
        deployment
            .concur_hosts()
            .geolocation(&address)
            .map_err(|refused| {
                section.fault(
                    "token_url",
                    refused.to_string(),
                    "the base address of the company's data centre, such as https://us2.api.concursolutions.com",
                );
            })
            .ok()
    });
    let company_uuid = section.text("company_uuid");
    let written = section.optional_text("system_id");
    let system_id = written.or_else(|| {
        Some(format!(
            "{}-{}",
            deployment.stack,
            id.map(ConnectionId::as_str)?
        ))
    });
    if let Some(long) = system_id
        .as_ref()
        .filter(|text| text.chars().count() > SYSTEM_ID_CHARS_MAX)
    {
        section.fault(
            "system_id",
            format!("`{long}` has over {SYSTEM_ID_CHARS_MAX} characters"),
            "a shorter one, different in every stack",
        );
    }
    Some(Concur {
        token_url: token_url?,
        company_uuid: company_uuid?,
        system_id: system_id?,
    })
}

fn acumatica(top: &mut Reader<'_>, deployment: &Deployment) -> Option<Acumatica> {
    let mut section = required(top, "acumatica");
    let url = section.text("url");
    let tenant = section.text("tenant");
    let endpoint = section
        .optional_text("endpoint")
        .unwrap_or_else(|| "Default".to_owned());
    let version = section.text("version").and_then(|text| {
        text.parse::<EndpointVersion>()
            .map_err(|error| section.fault("version", error.to_string(), ""))
            .ok()
    });
    let seats = section.number("seats", 1..=SEATS_MAX).unwrap_or(1);
    let requests = section
        .number(
            "requests_per_minute",
            REQUESTS_PER_MINUTE_MIN.max(seats)..=REQUESTS_PER_MINUTE_MAX,
        )
        .unwrap_or(REQUESTS_PER_MINUTE);
    let (bill_key, journal_key) = {
        let mut fields = section.section("key_field");
        (
            key_field(&mut fields, "bill"),
            key_field(&mut fields, "journal"),
        )
    };
    let (url, tenant) = (url?, tenant?);
    // An address is worth checking even where the version is wrong.
    let checked = version.unwrap_or(EndpointVersion::V24);
    let site = Site::new(
        &url,
        &tenant,
        &endpoint,
        checked,
        deployment.acumatica_hosts(),
    )
    .map_err(|error| section.fault(part_of(&error), error.to_string(), ""))
    .ok();
    version?;
    Some(Acumatica {
        site: site?,
        url: url.trim_end_matches('/').to_lowercase(),
        seats: u32::try_from(seats).ok()?,
        requests_per_minute: u32::try_from(requests.max(seats)).ok()?,
        bill_key,
        journal_key,
    })
}

fn required<'a>(top: &mut Reader<'a>, key: &'static str) -> Reader<'a> {
    if top.value(key).is_none() {
        top.missing(key);
    }
    top.section(key)
}

fn key_field(fields: &mut Reader<'_>, key: &'static str) -> Option<CustomField> {
    let text = fields.optional_text(key)?;
    text.parse()
        .map_err(|error: acumatica::CustomFieldError| fields.fault(key, error.to_string(), ""))
        .ok()
}

fn part_of(error: &acumatica::SiteError) -> &'static str {
    match error {
        acumatica::SiteError::Name { what, .. } => what,
        _ => "url",
    }
}
