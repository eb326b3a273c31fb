// Package web holds what runs in a browser: the widget, style sheets, the icon and the demo. It is files and
// their names, and how the widget's files make one module; package handlers serves them. Nothing of ours is
// imported, nothing has to be built or vendored.
//
// widget/ is a thread wherever it shows, page/ the readers' pages around it, console/ is for moderators,
// demo/ has the demo article and pages that embed threads. Start with widget/reading.js for what happens in
// an article page, and with page/base.css for the colours and sizes of our own pages.
//
// # What the widget relies on in the server's HTML
//
// Besides the classes and ids that embed.css and the scripts name:
//
//   - data-words of section.rj is JSON. Forms by plural category, with # for the number: new ("# new comments"), left
//     ("# characters left"), wait ("You can send it again in # seconds."). Plain texts: offline, failed, sending, preview,
//     cancel, removed (a comment was), withdrawn (the reader's own was), gone (what the reader answers is).
//   - data-max of the comment field is how many characters it takes, 10,000 without it.
//   - The aria-label of a.rj-reply becomes the form's heading, as "Reply to Ines".
//   - In .rj-pages and .rj-more a link to what is added below the list has rel=next; others replace the list. Links say
//     where they lead by sort, cursor, root and comment in their query.
//   - a.rj-manage in an own comment leads to its status page, a.rj-report to the page of a report; the forms on these,
//     form.rj-edit, -withdraw, -erase, -appeal and -report, are shown below the comment and sent with part=1.
//   - .rj-summary is what is wrong with a form; its links lead to fields by their ids.
package web
