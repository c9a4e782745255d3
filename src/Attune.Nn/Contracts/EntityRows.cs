using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>The entities of a batch of token sequences.</summary>
/// <param name="Vectors">The entity of each row, <c>[rows, entity width]</c>; zeros where there is none.</param>
/// <param name="Aligned">Whether a row has an entity. The first row of each sequence counts as having one, so that attention always finds something.</param>
public sealed record EntityRows(Tensor Vectors, ReadOnlyMemory<bool> Aligned);
