namespace Attune.Tensors.Kernels.Gemm;

/// <summary>A length cut into parts that differ by one at most.</summary>
internal readonly struct Split
{
    private readonly int length;

    private Split(int length, int parts)
    {
        this.length = length;
        Parts = parts;
    }

    /// <summary>Number of parts.</summary>
    public int Parts { get; }

    /// <summary>The length of the longest part.</summary>
    public int Largest => (length + Parts - 1) / Parts;

    /// <summary>As few parts as there can be with none longer than <paramref name="most"/>.</summary>
    public static Split AtMost(int length, int most) => new(length, (int)(((long)length + most - 1) / most));

    /// <summary>Where <paramref name="part"/> starts; the number of parts gives the length.</summary>
    public int Start(int part) => (int)((long)length * part / Parts);

    /// <summary>The length of <paramref name="part"/>.</summary>
    public int Size(int part) => Start(part + 1) - Start(part);
}
