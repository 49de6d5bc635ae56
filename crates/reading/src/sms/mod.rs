//! The forms of an SMS on its way to us: the coding of the network, the JSON of an
//! application, and the shapes in which people pass one on.

mod coding;
mod form;
mod gsm7;
mod shape;

pub use self::coding::{SmsCoding, decode_sms};
pub use self::form::{SmsForm, is_plain_sms, sms_form};
pub(crate) use self::shape::{Shape, shape};
