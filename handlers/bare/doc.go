// Package bare is the least that gin can do: it sends bytes that it holds. Benchmarks hold the server against
// it, since no handler of ours can be faster than one that does nothing. It lives here because gin may live
// nowhere else.
package bare
