//! How scalars, objects and lists of a financial document are read: never failing, keeping what is odd.

mod amount;
mod family;
mod oddity;
mod shape;
mod text;

pub use amount::{Amount, Number, Rate};
pub(crate) use family::Side;
pub use family::{Coded, Family};
pub use oddity::{Found, Oddity};
pub(crate) use oddity::{Path, Walk};
pub(crate) use shape::Object;
pub use shape::{Part, Rows};
pub use text::{Text, Texts};
