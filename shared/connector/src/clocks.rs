//! The clocks of the protocol. They depend on each other, so one place checks them together.

use jiff::SignedDuration;

/// Every time-out and wait, with the defaults the design gives; the `local` stage may shorten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// Connecting to either side.
    pub connect: SignedDuration,
    /// Longest answer of Concur.
    pub concur_answer: SignedDuration,
    /// Longest answer of Acumatica, which may keep a request in its own queue.
    pub acumatica_answer: SignedDuration,
    /// Time-out of the `post` function.
    pub post_timeout: SignedDuration,
    /// Visibility of the `work` queue.
    pub queue_visibility: SignedDuration,
    /// Time that must be left to begin a document.
    pub begin_margin: SignedDuration,
    /// Time that must be left to send a write.
    pub write_margin: SignedDuration,
    /// How long after the invocation's deadline a claim ends.
    pub claim_margin: SignedDuration,
    /// How long after a lost answer a search counts as proof of absence.
    pub proof_wait: SignedDuration,
    /// How soon the sweep looks at a document that was received and that no worker got to: its wake may be lost.
    pub wake_lost: SignedDuration,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            connect: SignedDuration::from_secs(5),
            concur_answer: SignedDuration::from_secs(30),
            acumatica_answer: SignedDuration::from_secs(110),
            post_timeout: SignedDuration::from_secs(300),
            queue_visibility: SignedDuration::from_secs(1_800),
            begin_margin: SignedDuration::from_secs(150),
            write_margin: SignedDuration::from_secs(120),
            claim_margin: SignedDuration::from_secs(10),
            proof_wait: SignedDuration::from_secs(900),
            wake_lost: SignedDuration::from_secs(300),
        }
    }
}

impl Clocks {
    /// Checks the clocks against each other; every fault as one sentence.
    ///
    /// # Errors
    /// All faults found.
    pub fn check(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        let mut wants = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        let write = self.connect.saturating_add(self.acumatica_answer);
        wants(self.connect.is_positive(), "connect must be more than 0 s");
        wants(
            self.concur_answer.is_positive(),
            "concur answer must be more than 0 s",
        );
        wants(
            self.write_margin >= write,
            "write margin must cover connect and acumatica answer",
        );
        wants(
            self.begin_margin >= self.write_margin,
            "begin margin must not be less than write margin",
        );
        wants(
            self.post_timeout > self.begin_margin,
            "post time-out must be more than begin margin",
        );
        wants(
            self.queue_visibility >= self.post_timeout.saturating_mul(6),
            "queue visibility must be at least six times the post time-out",
        );
        wants(
            self.claim_margin.is_positive(),
            "claim margin must be more than 0 s",
        );
        wants(
            self.proof_wait >= self.acumatica_answer,
            "proof wait must not be less than acumatica answer",
        );
        wants(
            self.wake_lost.is_positive(),
            "wake lost must be more than 0 s",
        );
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_agree_and_every_fault_is_told() {
        assert_eq!(Clocks::default().check(), Ok(()));
        let wrong = Clocks {
            acumatica_answer: SignedDuration::from_secs(4_000),
            ..Clocks::default()
        };
        assert_eq!(wrong.check().unwrap_err().len(), 2);
    }
}
