using Attune.Formats;

namespace Attune.Parity.Comparison;

/// <summary>The kinds of numbers that a case compares, each with a tolerance of its own.</summary>
internal enum NumberKind
{
    /// <summary>What a call gives.</summary>
    Output,

    /// <summary>Gradients of the loss.</summary>
    Gradient,

    /// <summary>Losses and parameters of optimizer steps.</summary>
    Step,
}

/// <summary>How closely a case's tensors must agree, as its <c>case.json</c> says.</summary>
internal sealed class Tolerances
{
    // What is so small that nobody can ask for more of it than this share.
    private const double SmallestScale = 0.01;

    private static readonly string[] Names = ["output", "grad", "train"];

    private readonly double?[] _byKind;
    private readonly Dictionary<string, double> _loose;

    private Tolerances(double?[] byKind, Dictionary<string, double> loose, bool absolute)
    {
        _byKind = byKind;
        _loose = loose;
        IsAbsolute = absolute;
    }

    /// <summary>Whether tolerances are limits of the difference itself, not of its share of the tensor's largest number.</summary>
    public bool IsAbsolute { get; }

    /// <summary>Reads the fields <c>tolerances</c> and <c>loose</c>.</summary>
    /// <exception cref="AttuneFormatException">They are missing or not what they should be.</exception>
    public static Tolerances Read(JsonFields golden)
    {
        JsonFields tolerances = golden.Child("tolerances");
        Dictionary<string, double> loose = [];
        if (golden.ChildOrNull("loose") is { } limits)
        {
            foreach (string name in limits.Keys)
                loose[name] = limits.Float(name);
        }
        return new Tolerances([.. Names.Select(tolerances.FloatOrNull)], loose, tolerances.Has("meaning"));
    }

    /// <summary>One tolerance for outputs.</summary>
    public static Tolerances OfOutputs(double tolerance) => new([tolerance, null, null], [], absolute: false);

    /// <summary>Whether a tensor has a limit of its own, which is absolute.</summary>
    public bool IsLoose(string tensor) => _loose.ContainsKey(tensor);

    /// <summary>The largest difference that a tensor may have.</summary>
    /// <param name="kind">What the tensor is.</param>
    /// <param name="tensor">Its name in the file.</param>
    /// <param name="largest">The largest number of the reference.</param>
    /// <exception cref="InvalidOperationException">The case gives no tolerance for such tensors.</exception>
    public double Allowed(NumberKind kind, string tensor, double largest)
    {
        if (_loose.TryGetValue(tensor, out double limit))
            return limit;
        double tolerance = _byKind[(int)kind]
            ?? throw new InvalidOperationException($"case.json gives no tolerance '{Names[(int)kind]}', which the tensor '{tensor}' needs.");
        return tolerance * Scale(largest);
    }

    /// <summary>What differences are divided by to be comparable between tensors.</summary>
    public double Scale(double largest) => IsAbsolute ? 1 : Math.Max(largest, SmallestScale);
}
