module.exports = require("../cjs/index.js");
