//! The texts about what can be sold: stock, prices, categories.

use super::pairs::texts;

texts! { /// What the pages say about stock and prices, in one language.
OfferTexts {
    stock_title: "Stock", "Zaloga";
    standing: "State", "Stanje zaloge";
    amount: "How much is wanted", "Koliko potrebujete";
    show: "Show", "Pokaži";
    warehouse: "Warehouse", "Skladišče";
    all_warehouses: "All warehouses together", "Vsa skladišča skupaj";
    unknown_warehouse: "Warehouse", "Skladišče z oznako";
    on_hand: "On hand", "Na zalogi";
    reserved: "Reserved", "Rezervirano";
    free: "Free", "Prosto";
    coming: "On its way", "Na poti";
    can_be_had: "Can this much be had?", "Ali je toliko na voljo?";
    no_warehouses: "Nothing lies in any warehouse, and nothing is on its way.", "V nobenem skladišču ni ničesar in nič ni na poti.";
    not_read: "The ERP does not have this product yet.", "V Metakocki tega izdelka še ni.";
    late: "late", "zamuja";
    no_day: "day unknown", "dan ni znan";

    // How it stands
    in_stock: "In stock", "Na zalogi je";
    low: "Low", "Malo zaloge";
    incoming: "Sold out, more is on its way", "Razprodano, na poti je novo";
    out: "Sold out", "Razprodano";
    retired: "Out of use", "Se ne prodaja več";
    not_stocked: "Not kept in stock", "Se ne vodi na zalogi";
    unknown: "Stock was never read", "Zaloga še ni prebrana";
    low_why: "Less is free than the lowest stock that the company wants.", "Prostega je manj od najmanjše zaloge, ki jo podjetje želi.";
    enough_now: "Yes, now", "Da, takoj";
    enough_by: "Yes, on", "Da, dne";
    enough_undated: "Yes, but nobody knows when", "Da, a se ne ve, kdaj";
    enough_no: "No", "Ne";
    enough_unknown: "Not known", "Ni znano";

    // The price
    price_title: "Price", "Cena";
    price_lead: "For a customer and an amount. Without a customer it is the price for anybody.", "Za kupca in količino. Brez kupca je to cena za kogar koli.";
    customer: "Customer", "Kupec";
    customer_hint: "The id of the customer in the CRM or in Metakocka.", "Oznaka kupca v CRM ali v Metakocki.";
    price_amount: "Amount", "Količina";
    day: "Day", "Dan";
    currency: "Currency", "Valuta";
    work_out: "Work out the price", "Izračunaj ceno";
    no_customer: "No customer has this id.", "Nihče nima te oznake.";
    bad_amount: "Write a number above zero, such as 2.5.", "Vpišite število, večje od nič, na primer 2,5.";
    bad_day: "Choose a day.", "Izberite dan.";
    bad_currency: "Write three letters, such as EUR.", "Vpišite tri črke, na primer EUR.";
    for_customer: "Customer", "Za kupca";
    anybody: "anybody", "kdor koli";
    unit_price: "One piece", "Cena za enoto";
    whole_price: "Together", "Skupaj";
    net: "without tax", "brez davka";
    gross: "with tax", "z davkom";
    from_list: "Price list", "Cenik";
    list_price: "Price in the list", "Cena v ceniku";
    discount: "Discount", "Popust";
    discount_list: "of the price list", "iz cenika";
    discount_customer: "of the customer", "kupčev";
    passed_over: "Lists that come first but have no price for this amount", "Ceniki, ki so na vrsti prej, a za to količino nimajo cene";
    no_price: "No price is known", "Cena ni znana";
    why_no_price: "No price list for this customer has the product.", "Noben cenik za tega kupca nima tega izdelka.";
    why_currency: "No price list has the product in this currency.", "Noben cenik nima izdelka v tej valuti.";
    why_day: "No price list is valid on this day.", "Na ta dan ne velja noben cenik.";
    why_amount: "No price list has a price for this amount.", "Noben cenik nima cene za to količino.";
    why_discount: "A discount is not between 0 and 100 percent. Correct it in Metakocka.", "Popust ni med 0 in 100 odstotki. Popravite ga v Metakocki.";
    why_too_large: "The amounts are too large to be worked out.", "Zneski so preveliki za izračun.";

    // Categories
    categories_title: "Categories", "Kategorije";
    no_categories: "The product is in no category.", "Izdelek ni v nobeni kategoriji.";
} }
