namespace Attune.Tensors.Kernels.Attention;

/// <summary>The numbers of a query's pairs: <c>Origin + Step * key</c> for the keys it sees, or a list.</summary>
internal struct PairRun
{
    /// <summary>The first key that is seen, and one past the last.</summary>
    public int First;
    public int End;
    public int Origin;
    public int Step;

    /// <summary>Where the numbers of all keys begin among the lists; negative if they are a run.</summary>
    public int List;
}
