//! Canonical values: text, e-mail, phone, tax number, country, currency, money, decimals.
//!
//! Decides what a value looks like once it is ours: every way of writing the
//! same thing becomes the same bytes when the value is constructed, so that
//! equality is `==` and equal values have equal hashes. Reading a value back
//! canonicalises again, so no value in the program is ever in another form.
//!
//! Must not read a clock, the environment or anything random, and must not
//! know how either side spells a value on the wire.

mod country;
mod currency;
mod decimal;
mod email;
mod fold;
mod money;
mod phone;
#[cfg(test)]
mod strategies;
mod strings;
mod tax_number;
mod text;

pub use country::Country;
pub use currency::Currency;
pub use decimal::{decimal_text, decimal_text_list, decimal_text_map, decimal_text_option, normal, parse_decimal};
pub use email::Email;
pub use money::Money;
pub use phone::Phone;
pub use tax_number::{TaxNumber, Validity};
pub use text::Text;
