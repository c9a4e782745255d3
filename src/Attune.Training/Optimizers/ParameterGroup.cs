using System.IO.Enumeration;
using Attune.Nn.Parameters;

namespace Attune.Training.Optimizers;

/// <summary>Parameters that are updated with the same settings.</summary>
/// <param name="Parameters">The parameters and their paths.</param>
/// <param name="WeightDecay">The weight decay.</param>
/// <param name="RateScale">What the learning rate is multiplied with.</param>
public sealed record ParameterGroup(IReadOnlyList<NamedParameter> Parameters, double WeightDecay, double RateScale = 1)
{
    /// <summary>All parameters of a module in one group, norms and biases included.</summary>
    public static IReadOnlyList<ParameterGroup> Uniform(Module module, double weightDecay) =>
        [new ParameterGroup([.. Learnable(module)], weightDecay)];

    /// <summary>
    /// Sorts the parameters of a module into groups: matrices and tables decay; biases, norms and scales do not; overrides go
    /// before both. Buffers are left out.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="weightDecay">The weight decay of what decays.</param>
    /// <param name="overrides">Exceptions; the first whose pattern fits a path counts.</param>
    /// <exception cref="ArgumentException">A pattern fits no parameter.</exception>
    public static IReadOnlyList<ParameterGroup> ByRole(
        Module module, double weightDecay, IReadOnlyList<GroupOverride>? overrides = null)
    {
        overrides ??= [];
        HashSet<GroupOverride> used = [];
        Dictionary<(double WeightDecay, double RateScale), List<NamedParameter>> groups = [];
        foreach (NamedParameter named in Learnable(module))
        {
            GroupOverride? exception = overrides.FirstOrDefault(o => o.Fits(named.Path));
            if (exception is not null)
                used.Add(exception);
            var key = (exception?.WeightDecay ?? (Decays(named.Parameter.Role) ? weightDecay : 0), exception?.RateScale ?? 1);
            if (!groups.TryGetValue(key, out List<NamedParameter>? members))
                groups[key] = members = [];
            members.Add(named);
        }
        if (overrides.FirstOrDefault(o => !used.Contains(o)) is { } idle)
            throw new ArgumentException($"No parameter's path fits the pattern '{idle.Pattern}' (or an earlier pattern fits all that do).", nameof(overrides));
        return [.. groups.Select(g => new ParameterGroup(g.Value, g.Key.WeightDecay, g.Key.RateScale))];
    }

    private static IEnumerable<NamedParameter> Learnable(Module module) =>
        module.Parameters().Where(named => named.Parameter.Role != ParameterRole.Buffer);

    private static bool Decays(ParameterRole role) => role is ParameterRole.Weight or ParameterRole.Embedding or ParameterRole.Position;
}

/// <summary>Settings for the parameters whose path fits a pattern.</summary>
/// <param name="Pattern">A path in which <c>*</c> stands for any characters and <c>?</c> for one.</param>
/// <param name="WeightDecay">The weight decay; null for the usual one.</param>
/// <param name="RateScale">What the learning rate is multiplied with; null for 1.</param>
public sealed record GroupOverride(string Pattern, double? WeightDecay = null, double? RateScale = null)
{
    /// <summary>Whether a path fits.</summary>
    public bool Fits(string path) => FileSystemName.MatchesSimpleExpression(Pattern, path, ignoreCase: false);
}
