//! What the pieces of a record and their parts are called.

use runtime::Language;

/// Names of fields, pieces and parts. One that ends with a slash is of one entry of a list.
const NAMES: &[(&str, &str, &str)] = &[
    ("active", "Active", "Aktiven"),
    ("address", "Address", "Naslov"),
    ("addresses", "Addresses", "Naslovi"),
    ("addresses/", "Address", "Naslov"),
    ("amount", "Amount", "Količina"),
    ("amount_from", "From amount", "Od količine"),
    ("amount_to", "To amount", "Do količine"),
    ("at", "At", "Ob"),
    ("barcode", "Barcode", "Črtna koda"),
    ("buyer", "Buyer", "Kupec"),
    ("buyer_order", "Customer's order number", "Naročilnica kupca"),
    ("categories", "Categories", "Kategorije"),
    ("city", "City", "Kraj"),
    ("code", "Code", "Šifra"),
    ("company", "Company", "Podjetje"),
    ("cost", "Cost of one", "Strošek na enoto"),
    ("country", "Country", "Država"),
    ("crm_id", "Id in the CRM", "Oznaka v CRM"),
    ("currency", "Currency", "Valuta"),
    ("customs_code", "Customs code", "Carinska tarifa"),
    ("date", "Date", "Datum"),
    ("delivery_events", "Carrier's events", "Dogodki prevoznika"),
    ("delivery_type", "Delivery", "Način dostave"),
    ("description", "Description", "Opis"),
    ("discount", "Discount", "Popust"),
    ("discount_percent", "Discount in percent", "Popust v odstotkih"),
    ("discounts", "Discounts", "Popusti"),
    ("done", "Done", "Opravljeno"),
    ("due", "Due", "Zapade"),
    ("due_date", "Due date", "Rok plačila"),
    ("email", "E-mail", "E-pošta"),
    ("erp_id", "Id in Metakocka", "Oznaka v Metakocki"),
    ("extra", "Extra fields", "Dodatna polja"),
    ("fax", "Fax", "Faks"),
    ("foreign", "Foreign", "Tujec"),
    ("gross", "With tax", "Z davkom"),
    ("incoming", "Coming in", "Na poti"),
    ("installments", "Installments", "Obroki"),
    ("issued", "Issued", "Izdan"),
    ("key", "Key", "Ključ"),
    ("kind", "Kind", "Vrsta"),
    ("label", "Label", "Naziv statusa"),
    ("language", "Language", "Jezik"),
    ("lines", "Lines", "Postavke"),
    ("lines/", "Line", "Postavka"),
    ("links", "Linked documents", "Povezani dokumenti"),
    ("list", "Price list", "Cenik"),
    ("list_title", "Price list's title", "Naziv cenika"),
    ("making", "Making", "Izdelava"),
    ("materials", "Materials", "Materiali"),
    ("meta", "Other", "Drugo"),
    ("min_stock", "Lowest stock", "Najmanjša zaloga"),
    ("mobile", "Mobile phone", "Mobilni telefon"),
    ("name", "Name", "Naziv"),
    ("net", "Without tax", "Brez davka"),
    ("notes", "Notes", "Opombe"),
    ("number", "Number", "Številka"),
    ("origin", "Origin", "Poreklo"),
    ("overrides", "Overrides", "Prevlada"),
    ("paid", "Paid", "Plačano"),
    ("partner", "Customer", "Kupec"),
    ("payment_due_days", "Days to pay", "Dni za plačilo"),
    ("payment_method", "Payment", "Način plačila"),
    ("payments", "Payments", "Plačila"),
    ("percent", "Percent", "Odstotek"),
    ("persons", "Contact persons", "Kontaktne osebe"),
    ("persons/", "Contact person", "Kontaktna oseba"),
    ("phone", "Phone", "Telefon"),
    ("place", "Place", "Kraj"),
    ("planned", "Planned", "Načrtovano"),
    ("post_code", "Post code", "Poštna številka"),
    ("price", "Price", "Cena"),
    ("price_with_tax", "Price with tax", "Cena z davkom"),
    ("prices", "Prices", "Cene"),
    ("prices/", "Price", "Cena"),
    ("product", "Product", "Izdelek"),
    ("product_crm_id", "Product in the CRM", "Izdelek v CRM"),
    ("province", "Province", "Pokrajina"),
    ("purchasing", "Purchased", "Se nabavlja"),
    ("rates", "Tax rates", "Davčne stopnje"),
    ("receiver", "Receiver", "Prejemnik"),
    ("registration_number", "Registration number", "Matična številka"),
    ("sales", "Sold", "Se prodaja"),
    ("service", "Service", "Storitev"),
    ("service_from", "Service from", "Storitev od"),
    ("service_to", "Service to", "Storitev do"),
    ("status", "Status", "Stanje"),
    ("street", "Street", "Ulica"),
    ("sums", "Sums", "Zneski"),
    ("supplier", "Supplier", "Dobavitelj"),
    ("tax", "Tax", "Davek"),
    ("tax_number", "Tax number", "Davčna številka"),
    ("tax_percent", "Tax rate in percent", "Davčna stopnja v odstotkih"),
    ("taxes", "Taxes", "Davki"),
    ("taxpayer", "Taxpayer", "Davčni zavezanec"),
    ("text", "Text", "Besedilo"),
    ("title", "Title", "Naslov dokumenta"),
    ("tracking", "Shipment", "Pošiljka"),
    ("translations", "Translations", "Prevodi"),
    ("unit", "Unit", "Enota"),
    ("url", "Page", "Stran"),
    ("valid_from", "Valid from", "Velja od"),
    ("valid_to", "Valid to", "Velja do"),
    ("warehouse", "Warehouse", "Skladišče"),
    ("webshop", "In the web shop", "V spletni trgovini"),
    ("weight", "Weight", "Teža"),
    ("with_tax", "Includes tax", "Vključuje davek"),
    ("work", "Work", "Delo"),
];

fn find(language: Language, name: &str) -> Option<&'static str> {
    let at = NAMES.binary_search_by_key(&name, |(name, ..)| name).ok()?;
    let (_, en, sl) = NAMES[at];
    Some(match language {
        Language::En => en,
        Language::Sl => sl,
    })
}

/// What a field or a part is called; by its own name when it has no other.
pub(crate) fn field(language: Language, name: &str) -> &str {
    find(language, name).unwrap_or(name)
}

/// What a piece is called: `Line l1` of `lines/l1`.
pub(crate) fn piece(language: Language, piece: &str) -> String {
    let Some((list, entry)) = piece.split_once('/') else { return field(language, piece).to_owned() };
    let name = find(language, &format!("{list}/")).unwrap_or_else(|| find(language, list).unwrap_or_default());
    if name.is_empty() { piece.to_owned() } else { format!("{name} {entry}") }
}

/// The names of pieces, one after the other.
pub(crate) fn pieces<'a>(language: Language, names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| piece(language, name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Object, fields::shared_fields};

    #[test]
    fn the_names_are_in_order_and_each_is_there_once() {
        assert!(NAMES.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }

    #[test]
    fn every_field_that_needs_a_rule_has_a_name_in_both_languages() {
        for field in Object::ALL.into_iter().flat_map(shared_fields) {
            assert!(find(Language::En, field).is_some() && find(Language::Sl, field).is_some(), "{field}");
        }
    }

    #[test]
    fn an_entry_of_a_list_is_called_by_its_list_and_its_own_name() {
        assert_eq!(piece(Language::Sl, "lines/l1"), "Postavka l1");
        assert_eq!(piece(Language::En, "prices/MPC/true//"), "Price MPC/true//");
        assert_eq!(piece(Language::En, "tax"), "Tax");
        assert_eq!((piece(Language::En, "new"), piece(Language::En, "new/1")), ("new".to_owned(), "new/1".to_owned()));
        assert_eq!(pieces(Language::En, &["name".to_owned(), "unit".to_owned()]), "Name, Unit");
    }
}
