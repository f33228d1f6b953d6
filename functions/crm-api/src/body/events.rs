//! Bodies of requests about endpoints.

use app::events::manage::{EndpointChange, NewEndpoint};
use garde::Validate;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{contract, event_view::of_filter};

/// An endpoint to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeEndpoint {
    /// Where it is: `https`, a name of the public internet, no port, no user.
    #[garde(length(bytes, min = 1, max = 2048))]
    #[schema(format = "uri", min_length = 1, max_length = 2048)]
    url: String,
    /// What it is for.
    #[garde(inner(length(bytes, max = 200)))]
    #[serde(default)]
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Which changes it is told of; all, unless it says otherwise.
    #[garde(skip)]
    #[serde(default)]
    filter: contract::EventFilter,
}

impl MakeEndpoint {
    /// What the use case is asked for.
    pub(crate) fn to_new(&self) -> NewEndpoint {
        NewEndpoint { url: self.url.clone(), description: self.description.clone(), filter: of_filter(&self.filter) }
    }
}

/// A change of an endpoint. What is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeEndpoint {
    /// Where it is.
    #[garde(inner(length(bytes, min = 1, max = 2048)))]
    #[serde(default)]
    #[schema(format = "uri", min_length = 1, max_length = 2048)]
    url: Option<String>,
    /// What it is for; empty for nothing.
    #[garde(inner(length(bytes, max = 200)))]
    #[serde(default)]
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Which changes it is told of.
    #[garde(skip)]
    #[serde(default)]
    filter: Option<contract::EventFilter>,
    /// Whether it is told at all. One that is turned on again is told what it missed.
    #[garde(skip)]
    #[serde(default)]
    enabled: Option<bool>,
}

impl ChangeEndpoint {
    /// Whether it says anything.
    pub(crate) const fn is_empty(&self) -> bool {
        self.url.is_none() && self.description.is_none() && self.filter.is_none() && self.enabled.is_none()
    }

    /// What the use case is asked for.
    pub(crate) fn to_change(&self) -> EndpointChange {
        EndpointChange {
            url: self.url.clone(),
            description: self.description.clone(),
            filter: self.filter.as_ref().map(of_filter),
            on: self.enabled,
        }
    }
}

/// From when on events are sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeliverSince {
    /// Of changes since this moment.
    #[schema(value_type = contract::Timestamp)]
    pub(crate) since: Timestamp,
}
