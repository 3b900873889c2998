"""One script a version, each as it was when the version was released; never edited afterwards."""
