using System.Runtime.CompilerServices;

namespace Attune.Tensors.Kernels.Embedding;

/// <summary>A table and the rows to take from it.</summary>
internal unsafe struct EmbeddingPart
{
    public float* Table;
    public int* Ids;

    /// <summary>The row that receives no gradient; -1 for none.</summary>
    public int Padding;
}

/// <summary>The tables that one embedding adds up.</summary>
[InlineArray(Capacity)]
internal struct EmbeddingParts
{
    public const int Capacity = 6;

    private EmbeddingPart _first;
}
