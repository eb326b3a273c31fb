// What the queue has besides its forms.

