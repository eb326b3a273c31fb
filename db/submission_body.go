package db

import (
	"context"
	"strings"
)

// Most comments are plain text, whose Markdown can be computed from the HTML. For these, submissions.body of the
// current revision is NULL, and queries compute it from comments.body_html.

// plainMarkdown are the replacements, one after the other, that turn the HTML of plain text into its Markdown.
var plainMarkdown = []struct{ html, markdown string }{
	{"</p>\n<p>", "\n\n"}, {"<p>", ""}, {"</p>", ""}, {"<br>\n", "\n"},
	{"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", `"`}, {"&#39;", "'"}, {"&amp;", "&"},
}

// storedBody is a body as a value of submissions.body. html is that of the comment; empty if it is of another
// revision.
func storedBody(body, html string) any {
	if body != "" && markdownOf(html) == body {
		return nil
	}
	return body
}

// markdownOf returns the Markdown of the HTML of plain text.
func markdownOf(html string) string {
	for _, r := range plainMarkdown {
		html = strings.ReplaceAll(html, r.html, r.markdown)
	}
	return html
}

// bodyExpr is an SQL expression for the body of a submission s, whose comment is c.
func bodyExpr(s, c string) string { return `COALESCE(` + s + `.body, ` + markdownExpr(c) + `)` }

// bodyLookup is bodyExpr for statements that do not read the comment.
func bodyLookup(s string) string {
	return `COALESCE(` + s + `.body,
		(SELECT ` + markdownExpr("b") + ` FROM comments b WHERE b.id = ` + s + `.comment_id))`
}

// markdownExpr is an SQL expression for markdownOf the HTML of a comment c.
func markdownExpr(c string) string {
	quote := func(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }
	expression := c + `.body_html`
	for _, r := range plainMarkdown {
		expression = `replace(` + expression + `, ` + quote(r.html) + `, ` + quote(r.markdown) + `)`
	}
	return expression
}

// keepBody stores the present body of a comment with its submission, before the comment gets another one.
func keepBody(ctx context.Context, x executor, commentID string) error {
	_, err := x.exec(ctx, `UPDATE submissions SET body = `+bodyLookup("submissions")+`
		WHERE comment_id = $1 AND body IS NULL`, ID(commentID))
	return err
}
