//! How the tenant of a twin is set up.

use serde_json::{Value, json};

use super::Seed;
use super::licence::Delays;
use crate::twins::clock::Clock;

/// A preference of the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// Switched off, as shipped.
    #[default]
    Off,
    /// Switched on.
    On,
}

impl Preference {
    pub(super) fn is_on(self) -> bool {
        self == Self::On
    }
}

/// The flow a connected application is registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Resource Owner Password Credentials.
    #[default]
    Password,
    /// Authorization Code.
    Code,
}

/// Who computes the taxes of the vendors' tax zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxZones {
    /// Acumatica: tax rows are taken as sent only where it computes the same taxes.
    #[default]
    Internal,
    /// A provider outside: tax rows are taken as sent, nothing is added.
    External,
}

/// How the twin is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Login name of the tenant, the second half of the client id.
    pub tenant: String,
    /// First half of the client id.
    pub client_guid: String,
    /// Secret of the connected application.
    pub client_secret: String,
    /// The flow the connected application is registered for.
    pub flow: Flow,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// The API user.
    pub username: String,
    /// Their password.
    pub password: String,
    /// Version of endpoint Default that is served.
    pub version: String,
    /// Names of endpoints beside it, with their versions; they are listed with a token only and serve nothing.
    pub own_endpoints: Vec<(String, String)>,
    /// Entities whose form the user may not open.
    pub forbidden: Vec<String>,
    /// User-defined fields of the forms, `View.Field`.
    pub user_fields: Vec<String>,
    /// Concurrent API sessions of the licence.
    pub seats: usize,
    /// Status of the refusal of one session too many; the text is the same.
    pub login_limit_status: u16,
    /// Requests per minute of the licence; none: no limit.
    pub requests_per_minute: Option<usize>,
    /// Whether answers are delayed from half of that limit on.
    pub delays: Delays,
    /// Requests of the licence that are served at a time; twenty more wait.
    pub at_once: usize,
    /// Base currency of the only company.
    pub base_currency: String,
    /// Branch of documents that name none.
    pub branch: String,
    /// Business date of documents that name none, `YYYY-MM-DD`.
    pub business_date: String,
    /// "Raise an Error on Duplicate Vendor Reference Number".
    pub raise_on_duplicate_ref: Preference,
    /// "Require Vendor Reference".
    pub require_vendor_ref: Preference,
    /// "Validate Document Totals on Entry" and its counterpart for batches.
    pub validate_totals: Preference,
    /// "Hold Documents on Entry" for bills.
    pub hold_bills_on_entry: Preference,
    /// "Hold Batches on Entry".
    pub hold_journals_on_entry: Preference,
    /// An approval map is active: new documents are on hold whatever is sent.
    pub approval: Preference,
    /// The API user may delete documents.
    pub deletion: Preference,
    /// Released batches are posted at once; else they wait as `Unposted`.
    pub auto_post: Preference,
    /// 202 answers of an action, its own included, before it is done; 0: it is done at once, with 204.
    pub action_answers_202: u32,
    /// Negative lines are possible ("Pay by Line").
    pub negative_lines: Preference,
    /// Who computes taxes.
    pub tax_zones: TaxZones,
    /// Percentage of the one tax of a tax zone that no `Tax` names; of lines that are not `EXEMPT`.
    pub zone_tax_percent: u32,
    /// Reference data.
    pub seed: Seed,
    /// Its time.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tenant: "TWIN".to_owned(),
            client_guid: "4C1D0F2A-0000-4000-8000-0000000000AC".to_owned(),
            client_secret: "twin-acumatica-secret".to_owned(),
            flow: Flow::Password,
            redirect_uri: "https://localhost/connected".to_owned(),
            username: "connector".to_owned(),
            password: "twin-password".to_owned(),
            version: "24.200.001".to_owned(),
            own_endpoints: Vec::new(),
            forbidden: Vec::new(),
            user_fields: Vec::new(),
            seats: 2,
            login_limit_status: 429,
            requests_per_minute: None,
            delays: Delays::OneIn(1_000),
            at_once: 6,
            base_currency: "USD".to_owned(),
            branch: "MAIN".to_owned(),
            business_date: "2026-11-24".to_owned(),
            raise_on_duplicate_ref: Preference::Off,
            require_vendor_ref: Preference::Off,
            validate_totals: Preference::Off,
            hold_bills_on_entry: Preference::Off,
            hold_journals_on_entry: Preference::Off,
            approval: Preference::Off,
            deletion: Preference::On,
            auto_post: Preference::On,
            action_answers_202: 0,
            negative_lines: Preference::Off,
            tax_zones: TaxZones::Internal,
            zone_tax_percent: 8,
            seed: Seed::new(),
            clock: Clock::default(),
        }
    }
}

impl Options {
    /// The client id of the connected application.
    #[must_use]
    pub fn client_id(&self) -> String {
        format!("{}@{}", self.client_guid, self.tenant)
    }

    /// The secret `acumatica` of whoever operates a connection to this tenant with a password.
    #[must_use]
    pub fn secret(&self) -> Value {
        json!({"client_id": self.client_id(), "client_secret": self.client_secret, "username": self.username, "password": self.password})
    }
}
