//! The settings of a function, from the environment its template gives it. Read once at start; every fault is reported at
//! once, by the name of its variable.

use std::{env, fmt};

use aws_credential_types::Credentials;
use connector::{Deployment, Stage, clocks::Clocks};
use jiff::SignedDuration;

/// What the environment says, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `TABLE_NAME`: the `DynamoDB` table.
    pub table: String,
    /// `INDEX_NAME`: its index of work lists.
    pub index: String,
    /// `WORK_QUEUE_URL`: the queue that wakes `post`.
    pub work_queue_url: String,
    /// `WORK_DEAD_LETTER_URL`: where wakes go that crashed `post`.
    pub work_dead_letter_url: String,
    /// `FETCH_QUEUE_URL`: the queue that wakes `poll` for one connection.
    pub fetch_queue_url: String,
    /// `FETCH_DEAD_LETTER_URL`: where wakes go that crashed `poll`.
    pub fetch_dead_letter_url: String,
    /// `SECRET_KEY_ARN`: the KMS key of the secrets the connector creates.
    pub secret_key_arn: String,
    /// `METRICS_NAMESPACE`: the CloudWatch namespace of our metrics.
    pub metrics_namespace: String,
    /// `LOG_LEVEL`: least severe log line written, or a filter such as `info,connector=debug`.
    pub log_level: String,
    /// `STACK_NAME`, first part of every secret's name too; `STAGE`; the clocks that depend on each other; `POLL_MARGIN_S`.
    pub deployment: Deployment,
    /// `SOURCE_LIFE_DAYS`: how long sources and plans are kept.
    pub source_life: SignedDuration,
    /// `AWS_REGION`.
    pub(crate) region: String,
    /// `AWS_ENDPOINT_URL`: where AWS is played by something else; `None` for AWS itself.
    pub(crate) endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`: the function's role, good for the process's life.
    pub(crate) credentials: Credentials,
}

/// Every fault of the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// One sentence each, naming the variable.
    pub faults: Vec<String>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings are wrong: {}", self.faults.join("; "))
    }
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// [`SettingsError`] with every fault.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::read(|name| env::var(name).ok())
    }

    /// Reads variables through `lookup`, so that tests leave the process alone. An empty value counts as missing.
    ///
    /// # Errors
    /// [`SettingsError`] with every fault.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader {
            lookup,
            faults: Vec::new(),
        };
        let stage = reader.stage();
        let poll_timeout = reader.seconds("POLL_TIMEOUT_S");
        let settings = Self {
            table: reader.text("TABLE_NAME"),
            index: reader.text("INDEX_NAME"),
            work_queue_url: reader.text("WORK_QUEUE_URL"),
            work_dead_letter_url: reader.text("WORK_DEAD_LETTER_URL"),
            fetch_queue_url: reader.text("FETCH_QUEUE_URL"),
            fetch_dead_letter_url: reader.text("FETCH_DEAD_LETTER_URL"),
            secret_key_arn: reader.text("SECRET_KEY_ARN"),
            metrics_namespace: reader.text("METRICS_NAMESPACE"),
            log_level: reader.text("LOG_LEVEL"),
            deployment: Deployment {
                stack: reader.text("STACK_NAME"),
                stage,
                clocks: reader.clocks(),
                poll_margin: reader.seconds("POLL_MARGIN_S"),
            },
            source_life: SignedDuration::from_hours(
                24_i64.saturating_mul(reader.number("SOURCE_LIFE_DAYS")),
            ),
            region: reader.text("AWS_REGION"),
            endpoint: reader.endpoint(stage),
            credentials: reader.credentials(),
        };
        let mut faults = reader.faults;
        if faults.is_empty() {
            if settings.deployment.poll_margin >= poll_timeout {
                faults.push("POLL_MARGIN_S must be less than POLL_TIMEOUT_S".to_owned());
            }
            if settings.deployment.clocks.queue_visibility < poll_timeout {
                faults.push("WORK_VISIBILITY_S must not be less than POLL_TIMEOUT_S".to_owned());
            }
            if stage == Stage::Production && settings.deployment.clocks.proof_wait < PROOF_WAIT_MIN
            {
                faults
                    .push("PROOF_WAIT_S must be at least 900 but where STAGE is local".to_owned());
            }
            if let Err(clocks) = settings.deployment.clocks.check() {
                faults.extend(clocks);
            }
        }
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError { faults })
        }
    }
}

/// Acumatica keeps a request in its queue for 600 s and works on it for 300 s: sooner, "not found" proves nothing.
const PROOF_WAIT_MIN: SignedDuration = SignedDuration::from_secs(900);

/// Collects faults while it reads, so that one start tells them all.
struct Reader<L> {
    lookup: L,
    faults: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    fn text(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.faults.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// A whole number from 1 to a little over four thousand million.
    fn number(&mut self, name: &str) -> i64 {
        let text = self.text(name);
        match text.parse::<u32>() {
            Ok(number) if number > 0 => i64::from(number),
            _ if text.is_empty() => 0,
            _ => {
                self.faults
                    .push(format!("{name} must be a whole number above 0"));
                0
            }
        }
    }

    fn seconds(&mut self, name: &str) -> SignedDuration {
        SignedDuration::from_secs(self.number(name))
    }

    fn stage(&mut self) -> Stage {
        match self.text("STAGE").as_str() {
            "local" => Stage::Local,
            "prod" | "" => Stage::Production,
            _ => {
                self.faults.push("STAGE must be prod or local".to_owned());
                Stage::Production
            }
        }
    }

    fn clocks(&mut self) -> Clocks {
        Clocks {
            connect: self.seconds("CONNECT_TIMEOUT_S"),
            concur_answer: self.seconds("CONCUR_TIMEOUT_S"),
            acumatica_answer: self.seconds("ACUMATICA_TIMEOUT_S"),
            post_timeout: self.seconds("POST_TIMEOUT_S"),
            queue_visibility: self.seconds("WORK_VISIBILITY_S"),
            begin_margin: self.seconds("BEGIN_MARGIN_S"),
            write_margin: self.seconds("WRITE_MARGIN_S"),
            claim_margin: self.seconds("CLAIM_MARGIN_S"),
            proof_wait: self.seconds("PROOF_WAIT_S"),
            wake_lost: self.seconds("WAKE_LOST_S"),
        }
    }

    fn endpoint(&mut self, stage: Stage) -> Option<String> {
        let url = self.optional("AWS_ENDPOINT_URL")?;
        let plain = url.starts_with("http://");
        if !(url.starts_with("https://") || (plain && stage == Stage::Local)) {
            self.faults.push(
                "AWS_ENDPOINT_URL must begin with https://, or with http:// where STAGE is local"
                    .to_owned(),
            );
        }
        Some(url)
    }

    fn credentials(&mut self) -> Credentials {
        let key = self.text("AWS_ACCESS_KEY_ID");
        let secret = self.text("AWS_SECRET_ACCESS_KEY");
        let token = self.optional("AWS_SESSION_TOKEN");
        Credentials::new(key, secret, token, None, "environment")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn environment() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("TABLE_NAME", "table"),
            ("INDEX_NAME", "work-list"),
            ("WORK_QUEUE_URL", "https://sqs.example/1/work"),
            ("WORK_DEAD_LETTER_URL", "https://sqs.example/1/work-dead"),
            ("FETCH_QUEUE_URL", "https://sqs.example/1/fetch"),
            ("FETCH_DEAD_LETTER_URL", "https://sqs.example/1/fetch-dead"),
            ("SECRET_KEY_ARN", "arn:aws:kms:eu-west-1:1:key/1"),
            ("STACK_NAME", "stack"),
            ("STAGE", "prod"),
            ("METRICS_NAMESPACE", "connector/stack"),
            ("LOG_LEVEL", "info"),
            ("CONNECT_TIMEOUT_S", "5"),
            ("CONCUR_TIMEOUT_S", "30"),
            ("ACUMATICA_TIMEOUT_S", "110"),
            ("POST_TIMEOUT_S", "300"),
            ("POLL_TIMEOUT_S", "300"),
            ("WORK_VISIBILITY_S", "1800"),
            ("BEGIN_MARGIN_S", "150"),
            ("WRITE_MARGIN_S", "120"),
            ("POLL_MARGIN_S", "60"),
            ("CLAIM_MARGIN_S", "10"),
            ("PROOF_WAIT_S", "900"),
            ("WAKE_LOST_S", "300"),
            ("SOURCE_LIFE_DAYS", "400"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_SESSION_TOKEN", "hunter3"),
        ])
    }

    fn read(changes: &[(&'static str, &'static str)]) -> Result<Settings, SettingsError> {
        let mut all = environment();
        all.extend(changes.iter().copied());
        Settings::read(|name| all.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_template_s_values_are_good_and_secrets_do_not_print() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.deployment.clocks, Clocks::default());
        assert_eq!(settings.source_life, SignedDuration::from_hours(9_600));
        assert_eq!(settings.endpoint, None);
        let debug = format!("{settings:?}");
        assert!(!debug.contains("hunter"), "{debug}");
    }

    #[test]
    fn all_faults_come_together() {
        let error = read(&[
            ("TABLE_NAME", ""),
            ("STAGE", "test"),
            ("PROOF_WAIT_S", "15 min"),
            ("SOURCE_LIFE_DAYS", "0"),
            ("AWS_SECRET_ACCESS_KEY", " "),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4600"),
        ])
        .unwrap_err();
        let text = error.to_string();
        for name in [
            "TABLE_NAME",
            "STAGE",
            "PROOF_WAIT_S",
            "SOURCE_LIFE_DAYS",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ENDPOINT_URL",
        ] {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert_eq!(error.faults.len(), 6, "{text}");
    }

    #[test]
    fn clocks_are_checked_against_each_other() {
        let error = read(&[("ACUMATICA_TIMEOUT_S", "200"), ("POLL_MARGIN_S", "300")]).unwrap_err();
        assert_eq!(error.faults.len(), 2, "{error}");
    }

    #[test]
    fn only_the_local_stage_shortens_the_proof_wait() {
        let short = ("PROOF_WAIT_S", "899");
        let error = read(&[short]).unwrap_err();
        assert!(error.to_string().contains("at least 900"), "{error}");
        assert!(read(&[("STAGE", "local"), short]).is_ok());
    }

    #[test]
    fn plain_http_is_for_the_local_stage() {
        let local = read(&[
            ("STAGE", "local"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4600"),
        ]);
        assert_eq!(
            local.unwrap().endpoint.as_deref(),
            Some("http://127.0.0.1:4600")
        );
        assert!(read(&[("AWS_ENDPOINT_URL", "https://vpce.example")]).is_ok());
    }
}
