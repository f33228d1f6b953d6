//! The routes, each registered once: for the router and, in a test, for the description.

mod actions;
mod connection;
mod endpoints;
mod feed;
mod files;
pub(crate) mod keys;
mod offering;
mod oversight;
mod people;
mod records;
mod registers;
mod runs;
mod service;
mod settings;
mod settle;
mod story;
mod twoway;

use axum::Router;
use runtime::Gate;
use utoipa::Path as _;
use utoipa_axum::PathItemExt as _;

use crate::CrmApi;

/// Makes of lists of handlers the router and, for the test that writes the description, the
/// description. Path and method are those of the handler's own attribute. What is not open passes the gate.
macro_rules! register {
    (signed_in { $($module:ident::$handler:ident,)* } open { $($open_module:ident::$open:ident,)* }) => {
        /// The router of all routes.
        pub(crate) fn all(gate: &Gate) -> Router<CrmApi> {
            let router = Router::new();
            $(let router = add!(router, $module::$handler);)*
            let router = router.route_layer(axum::middleware::from_fn_with_state(gate.clone(), runtime::gate::pass));
            $(let router = add!(router, $open_module::$open);)*
            router
        }

        /// The description of all routes.
        #[cfg(test)]
        pub(crate) fn described() -> utoipa::openapi::OpenApi {
            utoipa_axum::router::OpenApiRouter::<CrmApi>::new()
                $(.routes(utoipa_axum::routes!($module::$handler)))*
                $(.routes(utoipa_axum::routes!($open_module::$open)))*
                .into_openapi()
        }
    };
}

/// A router with a handler more.
macro_rules! add {
    ($router:ident, $module:ident::$handler:ident) => {{
        utoipa_axum::paste! { use $module::[<__path_ $handler>] as Described; }
        Described::methods().into_iter().fold($router, |router, method| {
            let path = Described::path();
            let limit = axum::extract::DefaultBodyLimit::max(body_limit(&path));
            router.route(&path, axum::routing::on(method.to_method_filter(), $module::$handler).layer(limit))
        })
    }};
}

/// The most bytes of a request to an address: only what carries a file may be large.
fn body_limit(path: &str) -> usize {
    match path {
        "/v1/documents/{id}/actions" | "/v1/documents/{id}/attachments" => crate::FILE_BODY_LIMIT,
        _ => crate::BODY_LIMIT,
    }
}

register! {
    signed_in {
        records::list_contacts,
        records::get_contact,
        records::list_products,
        records::get_product,
        records::list_stock,
        records::get_stock,
        offering::list_categories,
        offering::get_availability,
        offering::get_price,
        offering::ask_prices,
        records::list_documents,
        records::get_document,
        actions::list_actions,
        actions::request_action,
        actions::get_action,
        runs::list_runs,
        runs::start_run,
        runs::get_run,
        connection::get_connection,
        connection::put_connection,
        oversight::list_parked,
        oversight::list_warehouses,
        twoway::put_contact,
        twoway::delete_contact,
        twoway::bulk_contacts,
        twoway::put_product,
        twoway::delete_product,
        twoway::bulk_products,
        twoway::put_offer,
        twoway::delete_offer,
        twoway::bulk_offers,
        twoway::get_offer,
        twoway::put_order,
        twoway::delete_order,
        twoway::bulk_orders,
        twoway::get_order,
        twoway::find_document,
        twoway::put_document,
        twoway::delete_document,
        twoway::bulk_documents,
        feed::list_changes,
        feed::get_history,
        twoway::get_sync,
        settle::settle_conflict,
        settle::settle_match,
        settle::restore_record,
        settle::look_again,
        settle::list_attention,
        settle::approve_deletions,
        people::merge_contacts,
        people::unmerge_contacts,
        people::unlink_contact,
        people::link_contact,
        people::get_blacklist,
        settings::get_settings,
        settings::put_settings,
        settings::make_plan,
        settings::list_plans,
        settings::get_plan,
        settings::approve_plan,
        settings::list_certificates,
        settings::undo_run,
        story::get_timeline,
        story::list_contact_documents,
        registers::get_registers,
        registers::put_statuses,
        files::list_attachments,
        files::add_attachment,
        files::refresh_attachments,
        files::get_attachment,
        files::get_document_pdf,
        files::get_proof_of_delivery,
        endpoints::list_endpoints,
        endpoints::make_endpoint,
        endpoints::get_endpoint,
        endpoints::change_endpoint,
        endpoints::remove_endpoint,
        endpoints::rotate_secret,
        endpoints::test_endpoint,
        endpoints::list_deliveries,
        endpoints::redeliver,
        endpoints::redeliver_since,
        keys::list_keys,
        keys::make_key,
        keys::rotate_key,
        keys::delete_key,
    }
    open {
        service::get_description,
        service::get_health,
    }
}
