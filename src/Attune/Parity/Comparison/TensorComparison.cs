using System.Globalization;
using Attune.Formats;
using Attune.Tensors;

namespace Attune.Parity.Comparison;

/// <summary>Compares the tensors of one case with the reference's and remembers the worst of each kind.</summary>
/// <param name="tolerances">How closely they must agree.</param>
internal sealed class TensorComparison(Tolerances tolerances)
{
    private readonly Tally[] _tallies = [new(), new(), new()];
    private string? _failure;

    /// <summary>Compares a whole tensor.</summary>
    public void Compare(NumberKind kind, StoredTensor expected, Tensor actual) =>
        Compare(kind, expected, new ComparedValues(actual.Shape.ToArray(), actual.ToArray()));

    /// <summary>Compares the numbers of a tensor that count.</summary>
    public void Compare(NumberKind kind, StoredTensor expected, ComparedValues actual)
    {
        Tally tally = _tallies[(int)kind];
        tally.Count++;
        string name = expected.Name;
        if (!actual.Shape.AsSpan().SequenceEqual(expected.Shape.AsSpan()))
        {
            Fail(tally, name, $"the reference has the shape {expected.ShapeText}, Attune [{string.Join(", ", actual.Shape)}]");
            return;
        }
        float[] reference = expected.DType is DType.I64 or DType.I32 ? [.. expected.ToInt32()] : expected.ToFloat32();
        Deviation deviation = Deviation.Of(reference, actual.Values, actual.Compared.Span);
        if (deviation.Misfit is { } misfit)
        {
            Fail(tally, name, $"element {misfit}: {Text(reference[misfit])} is expected, Attune gives {Text(actual.Values[misfit])}");
            return;
        }
        double share = deviation.Largest / tolerances.Allowed(kind, name, deviation.Scale);
        if (!tolerances.IsLoose(name))
            tally.Error = Math.Max(tally.Error, deviation.Largest / tolerances.Scale(deviation.Scale));
        tally.Note(name, share);
        if (share > 1)
        {
            _failure ??= string.Create(CultureInfo.InvariantCulture,
                $"{name}: element {deviation.At} is off by {deviation.Largest:G3}, {share:G3} times what is allowed ({Text(reference[deviation.At])} is expected, Attune gives {Text(actual.Values[deviation.At])})");
        }
    }

    /// <summary>Compares whole numbers, which must be equal.</summary>
    /// <param name="expected">The reference.</param>
    /// <param name="actual">As many numbers; those to be passed over are given as in the reference.</param>
    public void CompareExactly(StoredTensor expected, ReadOnlySpan<int> actual)
    {
        Tally tally = _tallies[(int)NumberKind.Output];
        tally.Count++;
        tally.Note(expected.Name, 0);
        int[] reference = expected.ToInt32();
        if (reference.Length != actual.Length)
        {
            Fail(tally, expected.Name, $"{reference.Length} numbers are expected, Attune gives {actual.Length}");
            return;
        }
        int same = reference.AsSpan().CommonPrefixLength(actual);
        if (same < reference.Length)
            Fail(tally, expected.Name, $"element {same}: {reference[same]} is expected, Attune gives {actual[same]}");
    }

    /// <summary>Notes that a tensor cannot be compared at all.</summary>
    public void Fail(NumberKind kind, string tensor, string why) => Fail(_tallies[(int)kind], tensor, why);

    /// <summary>Puts what was found into a result.</summary>
    public ParityResult Into(ParityResult result)
    {
        if (_tallies.All(tally => tally.Count == 0) && _failure is null)
            _failure = "the case holds nothing to compare";
        return result with
        {
            Status = _failure is null ? ParityStatus.Passed : ParityStatus.Failed,
            Outputs = _tallies[(int)NumberKind.Output].Measure,
            Gradients = _tallies[(int)NumberKind.Gradient].Measure,
            Steps = _tallies[(int)NumberKind.Step].Measure,
            Message = _failure ?? "",
        };
    }

    private void Fail(Tally tally, string tensor, string why)
    {
        tally.Error = double.PositiveInfinity;
        tally.Note(tensor, double.PositiveInfinity);
        tally.Count = Math.Max(tally.Count, 1);
        _failure ??= $"{tensor}: {why}";
    }

    private static string Text(float value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private sealed class Tally
    {
        private double _share = -1;
        private string _worst = "";

        public int Count { get; set; }

        public double Error { get; set; }

        public ParityMeasure? Measure => Count == 0 ? null : new ParityMeasure(Error, Math.Max(_share, 0), _worst, Count);

        public void Note(string tensor, double share)
        {
            if (share <= _share)
                return;
            _share = share;
            _worst = tensor;
        }
    }
}

/// <summary>The numbers of one of Attune's tensors in the reference's layout.</summary>
/// <param name="Shape">The extents.</param>
/// <param name="Values">The elements in row-major order.</param>
internal sealed record ComparedValues(int[] Shape, float[] Values)
{
    /// <summary>Which elements count (padding does not); empty is all.</summary>
    public ReadOnlyMemory<bool> Compared { get; init; }

    /// <summary>The first two axes exchanged: sequences by time become time by sequences.</summary>
    public ComparedValues TimeMajor()
    {
        int inner = Values.Length / (Shape[0] * Shape[1]);
        float[] values = new float[Values.Length];
        bool[] compared = new bool[values.Length];
        for (int cell = 0; cell < Shape[0] * Shape[1]; cell++)
        {
            int target = (cell % Shape[1] * Shape[0] + cell / Shape[1]) * inner;
            Values.AsSpan(cell * inner, inner).CopyTo(values.AsSpan(target));
            Compared.Span.Slice(cell * inner, inner).CopyTo(compared.AsSpan(target));
        }
        return new ComparedValues([Shape[1], Shape[0], .. Shape[2..]], values) { Compared = compared };
    }

    /// <summary>The mean over the second axis: attention over its heads. What counts must be the same along it.</summary>
    public ComparedValues MeanOfAxisOne()
    {
        int inner = Values.Length / (Shape[0] * Shape[1]);
        float[] values = new float[Shape[0] * inner];
        bool[] compared = new bool[values.Length];
        for (int i = 0; i < Values.Length; i++)
        {
            int target = i / (Shape[1] * inner) * inner + i % inner;
            values[target] += Values[i] / Shape[1];
            compared[target] = Compared.Span[i];
        }
        return new ComparedValues([Shape[0], .. Shape[2..]], values) { Compared = compared };
    }
}
