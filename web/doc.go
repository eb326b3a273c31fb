// Package web contains what runs in a browser: the widget, style sheets, the icon and the demo. It embeds the
// files and assembles the widget into two modules, for reading and for writing; package handlers serves them.
// There is no build step and nothing is vendored.
//
// widget/ shows a thread, page/ styles the readers' pages around it, console/ is for moderators, and demo/
// has the demo article and pages that embed threads. Start with widget/reading.js for the widget, and with
// page/base.css for colors and sizes.
//
// # HTML that the widget depends on
//
// Besides the classes and ids named in embed.css and the scripts:
//
//   - data-words of section.rj is JSON. Forms by plural category, with # for the number: new ("# new
//     comments"), left ("# characters left"), wait ("You can send it again in # seconds."). Plain texts:
//     offline, failed, sending, preview, cancel, removed (a comment), withdrawn (the reader's own comment),
//     gone (the comment replied to), as ("Commenting as #", with # for the name), change, and what the tools
//     for Markdown are called.
//   - .rj-box holds the comment field; the rest of the form is hidden until somebody writes. .rj-who holds the
//     fields for name, email and website.
//   - data-max of the comment field is its maximum number of characters; the default is 10,000.
//   - The aria-label of a.rj-reply becomes the form's heading, such as "Reply to Ines".
//   - In .rj-pages and .rj-more, links with rel=next append to the list; others replace it. The query
//     parameters sort, cursor, root and comment give the target.
//   - a.rj-manage in the reader's own comment links to its status page, a.rj-report to the report page. Their
//     forms, form.rj-edit, -withdraw, -erase, -appeal and -report, are shown below the comment and sent with
//     part=1.
//   - .rj-summary lists the faults of a form; its links lead to fields by their ids.
package web
