"""Models as pictures: `structure` reads boxes and arrows, `layout` places them, `svg` draws them."""
