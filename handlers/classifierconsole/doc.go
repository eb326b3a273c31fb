// Package classifierconsole serves the pages and API endpoints about classifiers outside of this program:
// their settings, their health, and trials. Start with Pages.
package classifierconsole
