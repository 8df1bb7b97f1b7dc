//! What the product does, told as stories: the use cases over ports in memory, real HTTP to the simulated Concur and
//! Acumatica, and a clock that is moved by hand.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story that goes wrong fails its test by panicking"
)]

mod bad_input;
mod beside_contract;
mod cache;
mod circuits;
mod concur_codes;
mod connections;
mod crashes;
mod duplicates;
mod explain;
mod late;
mod lost_answers;
mod main_job;
mod many;
mod overload;
mod ping;
mod ping_set_up;
mod portions;
mod portions_refused;
mod preflight;
mod recall;
mod releases;
mod replay;
mod replay_ends;
mod requests;
mod resubmission;
mod seat_tokens;
mod seats;
mod set_up;
mod silence;
mod sweeper;
mod tokens_and_seats;
mod tokens_connect;
mod tokens_consent;
mod tokens_keeper;
mod tokens_secrets;
mod tokens_told;
mod tokens_unstored;
mod withdrawal_answers;
mod withdrawal_crashes;
mod withdrawals;
mod world;
