//! The texts of the frame, the entry and the overview.

use super::pairs::texts;

texts! { /// What never varies, in one language.
Texts {
    // Every page
    skip: "Skip to content", "Preskoči na vsebino";
    language_label: "Language", "Jezik";
    sign_out: "Sign out", "Odjava";
    signed_in_as: "Signed in as", "Prijavljeni ste kot";
    to_overview: "To the overview", "Na pregled";
    places: "Pages", "Strani";
    read_only_banner: "The company is read-only: nothing is written on either side until a person approves a plan.", "Podjetje je samo za branje: dokler človek ne potrdi načrta, se na nobeni strani nič ne zapiše.";
    read_only_link: "Make a plan", "Naredi načrt";

    // The entry
    enter_title: "Sign in", "Prijava";
    enter_lead: "This link opens the console once.", "Ta povezava enkrat odpre konzolo.";
    enter_detail: "Press the button to use it. The session lasts for hours and ends when you sign out.", "S klikom na gumb jo porabite. Seja traja več ur in se konča, ko se odjavite.";
    enter_button: "Open the console", "Odpri konzolo";
    left_title: "Signed out", "Odjavljeni ste";
    left_detail: "Your session is over. To come back, open a new sign-in link.", "Vaša seja je končana. Za vrnitev odprite novo prijavno povezavo.";

    // What is refused
    signed_out_title: "Not signed in", "Niste prijavljeni";
    signed_out_detail: "There is no session in this browser, or its time is over.", "V tem brskalniku ni seje ali pa je potekla.";
    signed_out_remedy: "Open a new sign-in link: your CRM shows one, and a local run prints one. Reloading this page does not help.", "Odprite novo prijavno povezavo: pokaže jo vaš CRM, lokalni zagon pa jo izpiše. Ponovno nalaganje te strani ne pomaga.";
    link_title: "This link no longer works", "Ta povezava ne deluje več";
    link_detail: "A sign-in link works once and for 15 minutes. This one was used, is too old, or is incomplete.", "Prijavna povezava deluje enkrat in 15 minut. Ta je že porabljena, prestara ali nepopolna.";
    link_remedy: "Ask for a new link and open it within 15 minutes. Opening this one again does not help.", "Zahtevajte novo povezavo in jo odprite v 15 minutah. Ponovno odpiranje te ne pomaga.";
    forged_title: "The form was not sent", "Obrazec ni bil poslan";
    forged_detail: "The form did not come from a page of your present session, so nothing was done.", "Obrazec ni prišel s strani vaše trenutne seje, zato ni bilo nič narejeno.";
    forged_remedy: "Go back to the overview and press the button there.", "Vrnite se na pregled in gumb pritisnite tam.";
    forbidden_title: "Not allowed", "Ni dovoljeno";
    code_label: "Code", "Oznaka";
    trace_label: "Trace", "Sled";

    // The overview
    overview: "Overview", "Pregled";
    live_on: "Refreshes by itself", "Osvežuje se samodejno";
    live_off: "Does not refresh", "Se ne osvežuje";
    live_stop: "Stop", "Ustavi";
    live_start: "Start", "Zaženi";
    stale: "No answer came; what you see is the last known state. The page keeps trying.", "Odgovora ni bilo; vidite zadnje znano stanje. Stran poskuša naprej.";
    notice_sync: "A sync was requested. It begins as soon as a worker is free.", "Sinhronizacija je zahtevana. Začne se, ko je na voljo delavec.";
    notice_queued: "A sync is waiting already; it will do this too.", "Ena sinhronizacija že čaka; opravila bo tudi to.";
    notice_paused: "The connection is paused.", "Povezava je ustavljena.";
    notice_resumed: "Metakocka accepted the key; the connection is in use again.", "Metakocka je sprejela ključ; povezava spet deluje.";

    // The connection
    connection: "Connection to Metakocka", "Povezava z Metakocko";
    connected: "Connected", "Povezano";
    paused: "Paused", "Ustavljeno";
    company: "Company", "Podjetje";
    host: "Host", "Gostitelj";
    webhook: "Webhook address", "Naslov za obvestila";
    webhook_hint: "Enter it in Metakocka so that stock changes arrive at once.", "Vnesite ga v Metakocko, da spremembe zaloge pridejo takoj.";
    sync_now: "Sync now", "Sinhroniziraj zdaj";
    read_all: "Read everything again", "Znova preberi vse";
    pause: "Pause", "Ustavi povezavo";
    resume: "Resume", "Nadaljuj povezavo";
    why_paused: "Why it is paused", "Zakaj je ustavljeno";
    paused_by_person_title: "Paused by a person", "Ustavil jo je človek";
    paused_by_person_detail: "Scheduled reads and webhooks wait; nothing is lost.", "Načrtovana branja in obvestila čakajo; nič se ne izgubi.";
    paused_by_person_remedy: "Resume the connection when it may be used again.", "Nadaljujte povezavo, ko jo je spet dovoljeno uporabljati.";
    no_connection_title: "No company is connected yet", "Nobeno podjetje še ni povezano";
    no_connection_detail: "There is nothing to show before a company of Metakocka is connected.", "Dokler ni povezano podjetje v Metakocki, ni česa pokazati.";
    no_connection_remedy: "An administrator connects it in the CRM, or with PUT /v1/connection of the API.", "Poveže ga skrbnik v CRM-ju ali s klicem API-ja PUT /v1/connection.";

    // The figures
    figures: "At a glance", "Na kratko";
    records: "Records", "Zapisi";
    last_sync: "Last success", "Zadnja uspešna";
    next_sync: "Next due", "Naslednja";
    parked: "Parked", "Odloženi";
    never: "never", "nikoli";
    due_now: "now", "zdaj";
    none: "none", "ni";

    // Object types
    status_title: "Status by object type", "Stanje po vrstah zapisov";
    object_type: "Object type", "Vrsta zapisov";
    status: "Status", "Stanje";
    last_full: "Last full read", "Zadnje popolno branje";
    last_changes: "Last look for changes", "Zadnji pregled sprememb";
    up_to_date: "Up to date", "Usklajeno";
    not_read_yet: "Not read yet", "Še ni prebrano";
    reading: "Reading", "Se bere";
    waiting: "Waiting", "Čaka";
    done_in_run: "Done", "Končano";
    failed_at: "Failed", "Neuspešno";
    off_schedule: "Off schedule", "Ni na urniku";

    // Runs
    runs_title: "Last runs", "Zadnji zagoni";
    no_runs: "There was no run yet.", "Zagonov še ni bilo.";
    run_when: "When", "Kdaj";
    run_why: "Why", "Zakaj";
    run_took: "Took", "Trajanje";
    undo: "Undo", "Razveljavi";
    read: "Read", "Prebrano";
    created: "New", "Novo";
    updated: "Changed", "Spremenjeno";
    unchanged: "Same", "Enako";
    missing: "Missing", "Manjka";
    state_queued: "Waiting", "Čaka";
    state_running: "Running", "Poteka";
    state_succeeded: "Succeeded", "Uspešno";
    state_failed: "Failed", "Neuspešno";
    trigger_connected: "First connection", "Prva povezava";
    trigger_schedule: "Schedule", "Urnik";
    trigger_request: "Request", "Na zahtevo";
    trigger_webhook: "Webhook", "Obvestilo";
    mode_full: "everything", "vse";
    mode_changes: "changes", "spremembe";
    mode_hints: "stock that changed", "spremenjena zaloga";
    mode_undo: "taking a run back", "razveljavitev opravila";
    what_to_do: "What to do", "Kaj storiti";
    said: "Message", "Sporočilo";
    unknown_error_title: "The run did not finish", "Zagon se ni končal";
    unknown_error_detail: "What it wrote is right; what it did not reach comes with the next run.", "Kar je zapisal, je pravilno; kar je ostalo, pride z naslednjim zagonom.";
    unknown_error_retry: "Nothing for now: the next run tries again by itself.", "Za zdaj nič: naslednji zagon poskusi znova sam.";
    unknown_error_report: "Report the code and the message to support. Trying again without a change does not help.", "Podpori sporočite oznako in sporočilo. Ponovni poskus brez spremembe ne pomaga.";

    // Parked records
    parked_title: "Parked records", "Odloženi zapisi";
    parked_lead: "Metakocka sent these in a form that cannot be understood. Correct them there; each later run reads them again.", "Te zapise je Metakocka poslala v obliki, ki je ni mogoče razumeti. Popravite jih tam; vsak naslednji zagon jih prebere znova.";
    no_parked: "None: every record was understood.", "Ni jih: vsi zapisi so razumljivi.";
    parked_hidden: "Their details are for roles with the permission logs.view.", "Podrobnosti vidijo vloge z dovoljenjem logs.view.";
    erp_id: "Id in Metakocka", "Oznaka v Metakocki";
    place: "Place", "Mesto";
    reason: "Reason", "Razlog";
    since: "Since", "Od";

    // Roles
    role_administrator: "administrator", "skrbnik";
    role_salesperson: "salesperson", "prodajalec";
    role_support: "support", "podpora";
    role_operations: "operations", "operativa";
    role_accountant: "accountant", "računovodja";
    role_developer: "developer", "razvijalec";
    role_operator: "operator", "upravljavec";
}}
