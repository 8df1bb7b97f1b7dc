//! Everything the actions `connect` and `keep` can say about tokens, with what to do. The README's table is made from here.

use acumatica::auth::Refusal;
use concur::auth::MEANINGS;
use serde::{Serialize, Serializer};

/// Whether documents can flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// They can.
    Good,
    /// They cannot, or will not for long.
    Bad,
}

macro_rules! messages {
    ($($variant:ident $word:literal $tone:ident $means:literal $cure:literal)*) => {
        /// What is said of one side or seat. The words are stable: they stand in answers and the README.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Message {
            $(#[doc = concat!("`", $word, "`: ", $means)] $variant,)*
        }

        impl Message {
            /// All of them, Concur's first.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Whether documents can flow.
            #[must_use]
            pub fn tone(self) -> Tone {
                match self { $(Self::$variant => Tone::$tone),* }
            }

            /// What it means, a fragment.
            #[must_use]
            pub fn means(self) -> &'static str {
                match self { $(Self::$variant => $means),* }
            }

            /// What to do, a sentence; empty when nothing is.
            #[must_use]
            pub fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure),* }
            }
        }
    };
}

messages! {
    Connected "connected" Good
        "the request token was exchanged; Concur's tokens are stored"
        "Delete request_token from the secret concur: it is spent."
    ConnectedElsewhere "connected_elsewhere" Good
        "Concur sent the exchange to the data centre of the company, which is remembered; its tokens are stored"
        "Delete request_token from the secret concur: it is spent. The connection may stay as it is."
    AlreadyConnected "already_connected" Good
        "the stored tokens are good, and nothing was asked for"
        ""
    TokenSpent "request_token_spent" Good
        "the stored tokens are good; the request token they came from still stands in the secret"
        "Delete request_token from the secret concur: it is spent."
    Refreshed "refreshed" Good
        "the tokens were refreshed and stored"
        ""
    NotConnected "not_connected" Bad
        "there are no tokens, and no request token to get them with"
        "Make a company request token in Concur (Authentication Admin > Company Request Token), put it as request_token into the secret concur and run action connect."
    ScopeMissing "scope_missing" Bad
        "the tokens are stored, but may not use the Financial Integration Service"
        "Give the application the scope FISVC in Concur (OAuth 2.0 Application Management), put a new company request token into the secret concur and run action connect."
    TokenEnds "token_ends" Bad
        "the refresh token ends within 30 days although it is refreshed"
        "Make a company request token in Concur (Authentication Admin > Company Request Token), put it as request_token into the secret concur and run action connect."
    ConcurSecretMissing "concur_secret_missing" Bad
        "the secret concur is not there, or a secret of Concur is marked for deletion"
        "Create it in Secrets Manager as {stack}/{connection}/concur with client_id, client_secret and request_token; one marked for deletion comes back with aws secretsmanager restore-secret, as the detail says."
    ConcurSecretOdd "concur_secret_odd" Bad
        "a secret of Concur cannot be read; its content is not shown"
        "Write the secret concur anew, as JSON with the texts client_id, client_secret and request_token and nothing else; if the connector's own concur-tokens is named, delete that and connect with a new request token."
    CompanyOther "company_other" Bad
        "the tokens are of another company_uuid or token_url than the connection names now"
        "Put a company request token of the company it names now into the secret concur and run action connect; or apply the former company again."
    ConcurRefused "concur_refused" Bad
        "Concur refuses what the secret holds, with a code of the next rows"
        "Look at the text Concur gave; when it does not help, ask SAP's support with the correlation id in the log."
    RefusedBefore "concur_refused_before" Bad
        "Concur refused these very credentials before, so a run does not offer them again"
        "Run action connect, which asks once more and tells the code."
    ConcurBusy "concur_busy" Bad
        "another worker is refreshing the tokens"
        "Run it again in a minute."
    ConcurTooOften "concur_too_often" Bad
        "the tokens were replaced six times within the hour, as often as their secret may be written"
        "Find out why Concur refuses fresh tokens (action ping), and run it again in an hour."
    ConcurPlace "concur_place" Bad
        "the address to ask, or the one Concur names, is none of Concur's"
        "Set concur.token_url to an address under concursolutions.com and apply the connection."
    ConcurFailed "concur_failed" Bad
        "Concur did not answer, or not as published"
        "Run it again in five minutes: a request token may be used several times in its 24 hours. If it stays, check concur.token_url."
    PlatformFailed "platform_failed" Bad
        "DynamoDB or Secrets Manager failed or refuses"
        "Run it again; if it stays, look at the function's role and at the key of the secrets."
    PasswordThere "password_there" Good
        "user name and password serve every seat, and the client id is of the connection's tenant"
        "Run action ping, which signs in with them: wrong ones would lock the user when tried again and again."
    Consented "consented" Good
        "the code was exchanged; the seat has its refresh token"
        "Delete code from the secret acumatica: it is spent."
    AlreadyConsented "already_consented" Good
        "the seat has its refresh token, and nothing was asked for"
        ""
    ConsentsKept "consents_kept" Good
        "refresh tokens of idle seats were refreshed and stored"
        ""
    ConsentWanted "consent_wanted" Bad
        "a seat has no consent yet; each of acumatica.seats needs one"
        "Open the address in a browser, sign in as the API user, agree, copy the whole address the browser ends at into the secret acumatica as code, and run action connect within minutes."
    StateOther "state_other" Bad
        "the address in code answers another request than the one that waits"
        "Open the address of this answer, and put the one the browser then ends at as code."
    CodeSpent "code_spent" Bad
        "the code was refused, or its answer was lost; it is good once and for minutes"
        "Open the new address of this answer, and put the one the browser then ends at as code."
    AcumaticaSecretMissing "acumatica_secret_missing" Bad
        "the secret acumatica is not there, or a secret of Acumatica is marked for deletion"
        "Create it in Secrets Manager as {stack}/{connection}/acumatica with client_id, client_secret, and username and password or, for consents, neither; one marked for deletion comes back with aws secretsmanager restore-secret, as the detail says."
    AcumaticaSecretOdd "acumatica_secret_odd" Bad
        "a secret of Acumatica cannot be read; its content is not shown"
        "Write the secret acumatica anew, as JSON with client_id, client_secret and either username and password or code; if one of the connector's own is named, delete that."
    TenantOther "tenant_other" Bad
        "the client id ends in another tenant than the connection names, and would post there"
        "Register the application in the connection's tenant (SM303010), or correct acumatica.tenant."
    AcumaticaRefused "acumatica_refused" Bad
        "Acumatica refuses what the secret holds, with a word of the last rows"
        "Check the connected application on form SM303010."
    SeatWithoutConsent "seat_without_consent" Bad
        "the refresh token of a seat was refused and is void"
        "Run action connect, which prints the address to give the consent again."
    SeatBusy "seat_busy" Bad
        "another worker holds the seat, or it stays closed after a grant without an answer"
        "Run it again in ten minutes; after a lost answer in an hour."
    AcumaticaTooOften "acumatica_too_often" Bad
        "the token of a seat was replaced six times within the hour, as often as its secret may be written"
        "Find out why Acumatica refuses fresh tokens (action ping), and run it again in an hour."
    LoginLimit "login_limit" Bad
        "every API session of the licence is taken (API Login Limit)"
        "Sign other applications out, wait an hour, or restart the site on Apply Updates (SM203510), and run it again with the code of a new consent; the licence's number is shown on License Monitoring Console (SM604000)."
    AcumaticaFailed "acumatica_failed" Bad
        "Acumatica did not answer, or not as published"
        "Check acumatica.url and run it again; an unused code stays good for minutes."
    ConnectionFaulty "connection_faulty" Bad
        "the stored connection is not accepted by this release"
        "Apply it again: every fault is told with its cure."
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The README's table: every message, then every code of Concur and every word of Acumatica that a refusal can carry.
#[must_use]
pub fn table() -> Vec<[String; 3]> {
    let own = Message::ALL.iter().map(|message| {
        let word = format!("`{}`", message.as_str());
        [word, message.means().to_owned(), message.cure().to_owned()]
    });
    let concur = MEANINGS.iter().map(|meaning| {
        let codes: Vec<_> = meaning.codes.iter().map(ToString::to_string).collect();
        let word = format!("`concur_refused` {}", codes.join(", "));
        [word, meaning.sentence.to_owned(), meaning.cure.to_owned()]
    });
    let acumatica = Refusal::ALL.into_iter().map(|refusal| {
        let word = format!("`acumatica_refused` {}", refusal.word());
        [
            word,
            refusal.sentence().to_owned(),
            refusal.cure().to_owned(),
        ]
    });
    own.chain(concur).chain(acumatica).collect()
}
