// Package outbound sends HTTP requests to addresses that admins enter: webhooks, classifiers, key sets.
//
// Such an address must not reach into the operator's own network. So a Client connects to public addresses
// only, checked when it connects, which DNS cannot get around; operators may permit other networks. It follows
// no redirects, uses no proxy, and limits the time and the response's size.
//
// What is sent, and what a response means, belongs to the callers. Start with Client.
package outbound
