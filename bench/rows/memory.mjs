export const rows = [];
export async function run() {}
