const about = { name: 'quiet', description: 'Does nothing.', sources: [] };
export default { ...about, create: () => about };
