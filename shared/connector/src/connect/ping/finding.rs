//! What a check can find wrong, what that means, and the cure with the screen where it is set. The README's table is made
//! from here.

use serde::{Serialize, Serializer};

use super::Outcome;

macro_rules! checks {
    ($($variant:ident $word:literal $proves:literal)*) => {
        /// Every check, in the order they build on each other. The words are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Check {
            $(#[doc = concat!("`", $word, "`: ", $proves)] $variant,)*
        }

        impl Check {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What it proves when it holds.
            #[must_use]
            pub fn proves(self) -> &'static str {
                match self { $(Self::$variant => $proves),* }
            }
        }
    };
}

checks! {
    Connection "connection" "the stored connection can be used by this release"
    Settings "settings" "rules and stage hold nothing doubtful"
    ConcurSecret "concur_secret" "the operator's secret is there and complete"
    ConcurToken "concur_token" "there is a valid access token, asked for now if need be"
    ConcurTokenLife "concur_token_life" "age of the access token, and end of the refresh token"
    ConcurGeolocation "concur_geolocation" "where the company lives, an address of Concur's"
    ConcurScope "concur_scope" "the token may use the Financial Integration Service"
    ConcurDocuments "concur_documents" "the service answers; how many documents of the type are ready"
    AcumaticaSite "acumatica_site" "the address answers as Acumatica; its build and endpoints"
    AcumaticaClock "acumatica_clock" "its clock and ours agree"
    AcumaticaSecret "acumatica_secret" "the operator's secret is there and complete"
    AcumaticaTenant "acumatica_tenant" "the application belongs to the connection's tenant"
    AcumaticaToken "acumatica_token" "a seat is free and has a token, asked for now if need be"
    AcumaticaEndpoint "acumatica_endpoint" "the configured endpoint and version are offered"
    AcumaticaRead "acumatica_read" "the entity can be read"
    AcumaticaWrite "acumatica_write" "the form documents are written on opens, and has the key field"
    AcumaticaSearch "acumatica_search" "a document that stands is found again as a run searches for it"
    AcumaticaBranch "acumatica_branch" "the branches the rules lead to are there and active"
    AcumaticaCurrency "acumatica_currency" "base currency of those branches"
    AcumaticaPeriod "acumatica_period" "today lies in an open financial period"
    AcumaticaLicence "acumatica_licence" "sessions and requests are neither refused nor spent"
}

/// Words of the entities a finding is about; the cure names their form in this place.
const FORM: &str = "{form}";

macro_rules! findings {
    ($($variant:ident $word:literal $check:ident $outcome:ident $means:literal $cure:literal)*) => {
        /// Everything a check can find. The words are stable: they stand in answers and the README.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Finding {
            $(#[doc = concat!("`", $word, "`: ", $means)] $variant,)*
        }

        impl Finding {
            /// Every finding, in the order of the checks.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The check that finds it.
            #[must_use]
            pub fn check(self) -> Check {
                match self { $(Self::$variant => Check::$check),* }
            }

            /// How bad it is.
            #[must_use]
            pub fn outcome(self) -> Outcome {
                match self { $(Self::$variant => Outcome::$outcome),* }
            }

            /// What it means, a fragment.
            #[must_use]
            pub fn means(self) -> &'static str {
                match self { $(Self::$variant => $means),* }
            }

            /// What to do and where, with `{form}` in the place of the form of the entity.
            #[must_use]
            pub fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure),* }
            }
        }
    };
}

findings! {
    ConnectionFaulty "connection_faulty" Connection Failed "the stored connection is not accepted any more, for example because its endpoint is of contract version 5" "Correct the fields that the detail names and apply the connection again (events/connect.apply.json); the endpoint is chosen on Web Service Endpoints (SM207060)."
    PaidTwice "paid_twice" Settings Warning "a party that somebody else pays (CBCP, COPD, Expense Pay, payroll) is posted as a bill" "Post the party of rules.parties as a journal and apply the connection, unless nobody enters the card company's statement on Bills and Adjustments (AP301000)."
    RuleDoubtful "rule_doubtful" Settings Warning "a rule is allowed and may surprise" "Nothing if it is meant so; else change the rule that the detail names and apply the connection (events/connect.apply.json)."
    StageLocal "stage_local" Settings Warning "the stage is local, which allows plain http on this machine, but a system is elsewhere" "Deploy the stack with parameter Stage at prod (infra/template.yaml)."
    ConcurSecretMissing "concur_secret_missing" ConcurSecret Failed "there is no secret, or it is marked for deletion" "Bring it back with aws secretsmanager restore-secret where the detail says so, else create the connection's secret concur in Secrets Manager with client_id and client_secret of Authentication Admin > OAuth 2.0 Application Management and request_token of Authentication Admin > Company Request Token, then run action connect."
    ConcurSecretOdd "concur_secret_odd" ConcurSecret Failed "the secret is no JSON with the fields wanted" "Write the connection's secret concur in Secrets Manager as one JSON object with client_id, client_secret and, until it is exchanged, request_token; no other fields."
    ConcurSecretClosed "concur_secret_closed" ConcurSecret Failed "the secret cannot be read now" "Let the role of the function read the connection's secret concur and decrypt with its key (Secrets Manager > Resource permissions, KMS > Key policy)."
    ConcurNeverConnected "not_connected" ConcurToken Failed "no request token was ever exchanged" "Create a token on Authentication Admin > Company Request Token, put it into the secret concur as request_token within its 24 hours and run action connect."
    ConcurOtherCompany "company_other" ConcurToken Failed "the stored tokens speak for another company_uuid or token_url" "Create a token on Authentication Admin > Company Request Token of the company the connection names now, put it into the secret concur as request_token and run action connect."
    ConcurApplicationRefused "concur_application_refused" ConcurToken Failed "Concur refuses the application" "Compare client_id, client_secret, grants (Password, Refresh token) and data centre with Authentication Admin > OAuth 2.0 Application Management, correct the secret concur and run action connect."
    ConcurTokenRefused "concur_token_refused" ConcurToken Failed "Concur refuses the request token or the refresh token: wrong, spent, expired or revoked" "Create a token on Authentication Admin > Company Request Token, put it into the secret concur as request_token and run action connect."
    ConcurRefused "concur_refused" ConcurToken Failed "Concur refuses the grant for another reason, which the detail names" "Correct what the detail names on Authentication Admin > OAuth 2.0 Application Management or in concur.company_uuid, then run action connect."
    ConcurTokenUnkept "concur_token_unkept" ConcurToken Failed "the connector's own secret concur-tokens cannot be read or stored" "Let the role of the function read and write the secret concur-tokens (Secrets Manager > Resource permissions); if its text is damaged, delete it, put a new token of Authentication Admin > Company Request Token into the secret concur and run action connect."
    ConcurTokenBusy "concur_busy" ConcurToken Warning "another worker is asking for the token, or it was replaced too often within the hour" "Ping again in a minute; if it stays, look at the logs of the functions (CloudWatch > Log groups)."
    ConcurUnreachable "concur_failed" ConcurToken Failed "Concur does not answer, or not as its token service" "Check concur.token_url against the base addresses of Concur's data centres and the network of the functions (VPC > NAT gateways); if Concur is down (open.concur.com), wait."
    ConcurTokenEnds "token_ends" ConcurTokenLife Warning "the refresh token ends within 30 days" "Create a token on Authentication Admin > Company Request Token, put it into the secret concur as request_token and run action connect before the end the detail names."
    ConcurTokenEnded "token_ended" ConcurTokenLife Failed "the refresh token has ended: no token can be had after the present one" "Create a token on Authentication Admin > Company Request Token, put it into the secret concur as request_token and run action connect now."
    ConcurPlaceRefused "concur_place" ConcurGeolocation Failed "Concur's answer leads to an address that is none of its own" "Set concur.token_url to the company's data centre under concursolutions.com, apply the connection, put a new token of Authentication Admin > Company Request Token into the secret concur and run action connect."
    ConcurScopeMissing "scope_missing" ConcurScope Failed "the token lacks scope FISVC" "Add scope FISVC to the application on Authentication Admin > OAuth 2.0 Application Management, put a new token of Company Request Token into the secret concur and run action connect."
    ConcurServiceClosed "concur_service_closed" ConcurDocuments Failed "the Financial Integration Service refuses the token" "Ask SAP to switch the Financial Integration Service on for the company, and check scope FISVC on Authentication Admin > OAuth 2.0 Application Management."
    ConcurServiceFailed "concur_service_failed" ConcurDocuments Failed "the Financial Integration Service does not answer, or not as published" "Ping again in five minutes; if it stays, open a case at SAP Concur support with the correlation id of the log line (CloudWatch > Log groups), and compare concur.token_url with the company's data centre."
    SiteUnreachable "site_unreachable" AcumaticaSite Failed "the address does not answer" "Open acumatica.url in a browser and correct it; let the site's firewall accept the address of the functions (VPC > NAT gateways)."
    SiteOdd "site_odd" AcumaticaSite Failed "the address answers, but not as Acumatica's web services" "Correct acumatica.url to the address of the sign-in page, with the name of the site where there is one and without Main; Apply Updates (SM203510) shows whether the site is being updated."
    ClockOff "clock_off" AcumaticaClock Warning "the clocks differ by more than 60 seconds" "Have the time of Acumatica's server synchronised (Windows > Date and time); the functions' clock is kept by AWS."
    AcumaticaSecretMissing "acumatica_secret_missing" AcumaticaSecret Failed "there is no secret, or it is marked for deletion" "Bring it back with aws secretsmanager restore-secret where the detail says so, else create the connection's secret acumatica in Secrets Manager with client_id and client_secret of Connected Applications (SM303010) and username and password of Users (SM201010), or for consents neither."
    AcumaticaSecretOdd "acumatica_secret_odd" AcumaticaSecret Failed "the secret is no JSON with the fields wanted" "Write the connection's secret acumatica in Secrets Manager as one JSON object with client_id and client_secret of Connected Applications (SM303010) and either username and password or code; no other fields."
    AcumaticaSecretClosed "acumatica_secret_closed" AcumaticaSecret Failed "the secret cannot be read now" "Let the role of the function read the connection's secret acumatica and decrypt with its key (Secrets Manager > Resource permissions, KMS > Key policy)."
    TenantOther "tenant_other" AcumaticaTenant Failed "client_id ends in another tenant: everything would be posted there" "Register the application on Connected Applications (SM303010) in the tenant to post to and put its client_id into the secret acumatica, or correct acumatica.tenant to the login name on Tenants (SM203520)."
    AcumaticaGrantRefused "acumatica_refused" AcumaticaToken Failed "Acumatica refuses the credentials; they are not tried again until the secret changes" "Correct the secret acumatica: client_id, client_secret and the flow on Connected Applications (SM303010), name, password and lock of the user on Users (SM201010)."
    SeatWithoutConsent "seat_without_consent" AcumaticaToken Failed "a seat has no consent, and the secret no user name and password" "Run action connect, which prints the address to consent at for the application of Connected Applications (SM303010), or put username and password of Users (SM201010) into the secret acumatica."
    AcumaticaTokenFailed "acumatica_failed" AcumaticaToken Failed "Acumatica or the store of the seats gave no answer to be used" "Ping again in a minute; if it stays, check the flow of the application on Connected Applications (SM303010) and the rights of the function to the secrets acumatica-seat-1 and following (Secrets Manager > Resource permissions)."
    SeatsTaken "seats_taken" AcumaticaToken Warning "running workers hold every seat or are asking for its token, which proves that seats work" "Ping again in a few minutes; raise acumatica.seats if the licence on License Monitoring Console (SM604000) allows more."
    EndpointMissing "endpoint_missing" AcumaticaEndpoint Failed "the site does not offer the configured endpoint in this version" "Set acumatica.endpoint and acumatica.version to a pair that Web Service Endpoints (SM207060) lists, of contract version 4, and apply the connection."
    EndpointContractFive "endpoint_contract_five" AcumaticaEndpoint Failed "the site offers the endpoint in contract version 5 only, whose JSON this connector does not speak" "Set acumatica.version to 25.200.001 or an older one; an endpoint of your own must extend Default 25.200.001 on Web Service Endpoints (SM207060)."
    DocumentForbidden "document_forbidden" AcumaticaRead Failed "the user may not open the form of documents that are posted" "Give the user's role access to {form} on Access Rights by Screen (SM201020)."
    DocumentUnread "document_unread" AcumaticaRead Failed "documents that are posted cannot be read" "Open {form} as the API user; if it opens, look for the entity in the endpoint on Web Service Endpoints (SM207060)."
    ListForbidden "list_forbidden" AcumaticaRead Warning "the user may not open the form, or its feature is off: plans are not checked against the list" "Give the user's role access to {form} on Access Rights by Screen (SM201020), or see Enable/Disable Features (CS100000)."
    ListUnread "list_unread" AcumaticaRead Warning "the list cannot be read: plans are not checked against it" "Open {form} as the API user; if it opens, look for the entity in the endpoint on Web Service Endpoints (SM207060)."
    ScreenForbidden "screen_forbidden" AcumaticaWrite Failed "the user may not open the form documents are written on" "Give the user's role the level Delete for {form} on Access Rights by Screen (SM201020): documents are inserted, released and, when withdrawn, deleted."
    ScreenUnread "screen_unread" AcumaticaWrite Warning "the form could not be asked for its fields" "Open {form} as the API user; a customization that breaks it is found on Customization Projects (SM204505)."
    KeyFieldMissing "key_field_missing" AcumaticaWrite Failed "the form has no such field, so stamps would be lost and nothing found again" "Add the attribute as a user-defined field to {form} (Customization > Manage User-Defined Fields), or correct acumatica.key_field."
    SearchBlind "search_blind" AcumaticaSearch Failed "a document that stands was not found by its reference or mark: after a lost answer nothing could be proved, and documents would be held" "Open {form}: if the document the detail names was changed or deleted just now, ping again; else have the list optimised or use a key field (acumatica.key_field) of the form."
    SearchFailed "search_failed" AcumaticaSearch Failed "the search a run makes is answered with an error" "Open {form} as the API user and look for the entity on Web Service Endpoints (SM207060); correct acumatica.key_field where it is named."
    SearchUntested "search_untested" AcumaticaSearch Warning "nothing stands there yet that the search could find" "Enter one document with a reference (vendor reference or description) on {form} and ping again, or do so after the first posting."
    BranchesNone "branches_none" AcumaticaBranch Failed "none of the branches that the rules lead to is there and active" "Correct tables.branches or rules.branch to codes of Branches (CS102000), activate them there, and apply the connection."
    BranchUnusable "branch_unusable" AcumaticaBranch Warning "a branch that the rules lead to is missing or inactive: its documents will be held" "Correct the code in tables.branches or rules.branch, or activate the branch on Branches (CS102000)."
    BranchesUnread "branches_unread" AcumaticaBranch Warning "the branches cannot be read, so their codes are not checked" "Give the user's role access to {form} on Access Rights by Screen (SM201020)."
    CurrenciesDiffer "currencies_differ" AcumaticaCurrency Warning "the branches have different base currencies: a document that touches two of them will be held" "Keep the branches of one document in companies of one base currency: tables.branches, and Companies (CS101500)."
    PeriodMissing "period_missing" AcumaticaPeriod Failed "no financial period holds today" "Generate the year on Master Financial Calendar (GL201000), or for each company on Company Financial Calendar (GL201100) where periods are not managed centrally."
    PeriodsClosed "periods_closed" AcumaticaPeriod Failed "neither today's period nor a later one is open" "Open a period on Manage Financial Periods (GL503000)."
    PeriodClosed "period_closed" AcumaticaPeriod Warning "today's period is closed or not open yet: documents go to the next open one, or are held" "Open the period on Manage Financial Periods (GL503000), or see posting.closed_period."
    PeriodsUnread "periods_unread" AcumaticaPeriod Warning "the periods cannot be read, so the server alone decides" "Give the user's role access to {form} on Access Rights by Screen (SM201020)."
    LoginLimit "login_limit" AcumaticaLicence Failed "every API session of the licence is taken, by others or by lost sessions" "Lower acumatica.seats below the limit on License Monitoring Console (SM604000), sign out what else signs in, or wait an hour for lost sessions to end; a restart of the site on Apply Updates (SM203510) ends them at once."
    RequestsRefused "requests_refused" AcumaticaLicence Warning "the licence refused a request: too many in this minute" "Lower acumatica.requests_per_minute below the limit on License Monitoring Console (SM604000), which other clients share."
    RequestsSpent "requests_spent" AcumaticaLicence Warning "the connection's requests of this minute are used up" "Ping again in a minute; raise acumatica.requests_per_minute if the licence on License Monitoring Console (SM604000) allows more."
}

impl Finding {
    /// The cure for an entity: `of` is its name.
    pub(super) fn cure_of(self, of: Option<&str>) -> String {
        self.cure().replace(FORM, form(of.unwrap_or_default()))
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The form behind an entity.
fn form(entity: &str) -> &'static str {
    match entity {
        "Bill" => "Bills and Adjustments (AP301000)",
        "JournalTransaction" => "Journal Transactions (GL301000)",
        "Vendor" => "Vendors (AP303000)",
        "Employee" => "Employees (EP203000)",
        "Account" => "Chart of Accounts (GL202500)",
        "Subaccount" => "Subaccounts (GL203000)",
        "Project" => "Projects (PM301000)",
        "ProjectTask" => "Project Tasks (PM302000)",
        "Tax" => "Taxes (TX205000)",
        "TaxCategory" => "Tax Categories (TX205500)",
        "FinancialPeriod" => "Master Financial Calendar (GL201000)",
        "Branch" => "Company Branch (CS401000)",
        _ => "the form of the entity",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_serialized_as_they_are() {
        for check in Check::ALL {
            let text = serde_json::to_string(check).unwrap();
            assert_eq!(text.trim_matches('"'), check.as_str());
        }
        let mut words: Vec<_> = Finding::ALL.iter().map(|one| one.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Finding::ALL.len());
    }

    #[test]
    fn findings_follow_the_order_of_the_checks_and_name_a_place() {
        assert!(Finding::ALL.is_sorted_by_key(|finding| finding.check()));
        for finding in Finding::ALL {
            let cure = finding.cure_of(Some("Bill"));
            assert!(!cure.contains(FORM) && cure.ends_with('.'), "{cure}");
        }
    }
}
