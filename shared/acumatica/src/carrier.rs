//! How a request travels: over the network, or to something in this process that plays Acumatica.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use reqwest::{Request, Response};

/// An answer that is on its way.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<Response, Unanswered>> + Send + 'a>>;

/// Carries complete requests. It keeps to the time-out each of them names, follows no redirect and repeats nothing.
pub trait Carrier: fmt::Debug + Send + Sync {
    /// Carries one request; the answer's body may still be on its way.
    fn carry(&self, request: Request) -> Carried<'_>;
}

impl Carrier for reqwest::Client {
    fn carry(&self, request: Request) -> Carried<'_> {
        let answer = self.execute(request);
        Box::pin(async move { answer.await.map_err(Unanswered::Network) })
    }
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// What the network's client says; its text can name the address with its query.
    #[error("the network failed")]
    Network(#[source] reqwest::Error),
    /// No connection came about: nothing was sent.
    #[error("no connection")]
    Unreachable,
    /// The request's time-out passed.
    #[error("no answer in time")]
    TimedOut,
    /// The connection ended before the answer came.
    #[error("the connection ended")]
    Broken,
}
