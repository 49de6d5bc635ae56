//! DNS enforcement at the operator, and the warning page.
