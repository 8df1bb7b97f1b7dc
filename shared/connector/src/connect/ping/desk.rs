//! Asking on a seat: each call in its turn, none after the time, the requests or the site are gone.

use acumatica::{Error, Kind, Session};
use jiff::SignedDuration;

use super::concur::NO_TIME;
use super::finding::{Check, Finding};
use super::sheet::Sheet;
use super::tenant;
use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Vault};
use crate::report::chain;
use crate::seats::{Seat, SeatError};

/// Time for everything of a check that is not the answer itself.
const CHECK_MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// A seat and what is written down of its answers.
pub(super) struct Desk<'a, L, Q, V, C> {
    pub(super) needs: &'a Needs<L, Q, V, C>,
    pub(super) run: &'a Run,
    pub(super) connection: &'a Connection,
    pub(super) sheet: &'a mut Sheet,
    pub(super) seat: Seat,
    pub(super) licence: Licence,
    /// Why nothing more is asked.
    pub(super) stop: Option<&'static str>,
}

/// What the licence let through.
#[derive(Debug, Default)]
pub(super) struct Licence {
    /// Requests that were answered.
    pub(super) answered: u32,
    /// What it did not let through, with the server's words.
    pub(super) refusal: Option<(Finding, String)>,
}

/// Why a check has no answer.
pub(super) enum No {
    /// It was not asked.
    Skipped(&'static str),
    /// Acumatica answered with an error, or not.
    Refused(Error),
    /// The token was lost on the way.
    Lost(String),
}

/// Whether there is time for one more call.
pub(super) fn has_time<L, Q, V, C: Clock>(needs: &Needs<L, Q, V, C>, run: &Run) -> bool {
    let clocks = &needs.deployment.clocks;
    let call = clocks.connect.saturating_add(clocks.acumatica_answer);
    run.left(needs.clock.now()) > call.saturating_add(CHECK_MARGIN)
}

impl<L: Ledger, Q, V: Vault, C: Clock> Desk<'_, L, Q, V, C> {
    /// Makes one call.
    pub(super) async fn ask<T>(
        &mut self,
        call: impl AsyncFn(&mut Session) -> Result<T, Error>,
    ) -> Result<T, No> {
        if self.stop.is_none() && !has_time(self.needs, self.run) {
            self.stop = Some(NO_TIME);
        }
        if let Some(why) = self.stop {
            return Err(No::Skipped(why));
        }
        let asked = self
            .needs
            .on_seat(&mut self.seat, self.connection, call)
            .await;
        match asked {
            Ok(told) => {
                self.licence.answered = self.licence.answered.saturating_add(1);
                Ok(told)
            }
            Err(SeatError::Call(error)) => Err(self.refused(error)),
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn refused(&mut self, error: Error) -> No {
        let finding = match error.kind() {
            Kind::TooManyRequests => Finding::RequestsRefused,
            Kind::LoginLimit => Finding::LoginLimit,
            Kind::Unreachable | Kind::TimedOut => {
                self.stop = Some("Acumatica did not answer any more");
                return No::Refused(error);
            }
            _ => {
                self.licence.answered = self.licence.answered.saturating_add(1);
                return No::Refused(error);
            }
        };
        self.licence.refusal = Some((finding, error.to_string()));
        self.halt("the licence refused a request")
    }

    fn lost(&mut self, error: &SeatError) -> No {
        if matches!(error, SeatError::Slow) {
            let detail = error.to_string();
            self.licence.refusal = Some((Finding::RequestsSpent, detail));
            return self.halt(tenant::SPENT);
        }
        self.stop = Some("the token was lost");
        No::Lost(chain(error))
    }

    fn halt(&mut self, why: &'static str) -> No {
        self.stop = Some(why);
        No::Skipped(why)
    }

    /// Writes down a check without an answer: skipped, forbidden, or failed otherwise.
    pub(super) fn note(
        &mut self,
        (check, of): (Check, Option<&str>),
        no: &No,
        (forbidden, failed): (Finding, Finding),
    ) {
        match no {
            No::Skipped(why) => self.sheet.skip(check, of, why),
            No::Refused(error) if error.kind() == Kind::Forbidden => {
                self.sheet.found(forbidden, of, error.to_string());
            }
            No::Refused(error) => self.sheet.found(failed, of, chain(error)),
            No::Lost(text) => self.sheet.found(failed, of, text),
        }
    }
}
