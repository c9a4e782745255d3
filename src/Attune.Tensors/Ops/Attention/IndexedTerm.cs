namespace Attune.Tensors.Ops;

/// <summary>
/// A term of scores that follows from what a query and a key are to each other, such as their distance (Dai et al. 2019, arXiv:1901.02860):
/// scale q · table[index]. It also says which keys a query sees.
/// </summary>
/// <param name="Queries">Queries of this term [query rows, *]: as many heads of the same width as those of contents.</param>
/// <param name="Table">A row for each number [numbers, *]: as many heads of the same width.</param>
/// <param name="Index">The row of the table for each pair.</param>
public sealed record IndexedTerm(Heads Queries, Heads Table, PairIndex Index);
