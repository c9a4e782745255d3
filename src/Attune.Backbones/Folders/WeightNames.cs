using Attune.Formats;

namespace Attune.Backbones.Folders;

/// <summary>Finds a model's tensors in a weight file under all the names that files of its family have given them.</summary>
internal sealed class WeightNames
{
    // What parallel training, compilation and training frameworks put before every name when a model is saved inside of them.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "model."];

    private readonly IWeightFile _weights;
    private readonly IFamily _family;
    private readonly string _wrapper;

    public WeightNames(IWeightFile weights, IFamily family) => (_weights, _family, _wrapper) = (weights, family, Wrapper(weights));

    /// <summary>The tensor of a parameter; null if the file has none.</summary>
    public StoredTensor? Find(string name)
    {
        foreach (string spelling in Spellings(name))
        {
            if (_weights.TryGet(spelling, out StoredTensor? stored) || (_wrapper.Length > 0 && _weights.TryGet(_wrapper + spelling, out stored)))
                return stored;
        }
        return null;
    }

    /// <summary>Whether the file may hold a tensor of this name although the model has none.</summary>
    public bool IsRedundant(string stored) =>
        IsRedundant(stored, _family) || (_wrapper.Length > 0 && IsRedundant(stored[_wrapper.Length..], _family));

    /// <summary>Those of some stored names that none of given parameters has.</summary>
    public string[] NotAmong(IEnumerable<string> parameters, IEnumerable<string> stored)
    {
        HashSet<string> known = [.. parameters.SelectMany(Spellings)];
        return [.. stored.Where(name => !known.Contains(name) && !(_wrapper.Length > 0 && known.Contains(name[_wrapper.Length..])))];
    }

    /// <summary>Whether a file may hold a tensor of this name although the model has none.</summary>
    public static bool IsRedundant(string name, IFamily family) => family.Redundant.Any(pattern =>
        pattern.StartsWith('*') ? name.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : name == pattern);

    private IEnumerable<string> Spellings(string name)
    {
        string bare = ModelFolder.Unprefixed(name, _family);
        foreach (string spelling in new[] { name, bare, _family.EarlierNames.GetValueOrDefault(name, name) })
        {
            yield return spelling;
            // The first published BERT files, still the most loaded ones, have the names that TensorFlow gives to norms.
            if (spelling.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
                yield return spelling[..^"weight".Length] + "gamma";
            else if (spelling.EndsWith("LayerNorm.bias", StringComparison.Ordinal))
                yield return spelling[..^"bias".Length] + "beta";
        }
    }

    private static string Wrapper(IWeightFile weights)
    {
        string wrapper = "";
        while (weights.Tensors.Count > 0
            && s_wrappers.FirstOrDefault(w => weights.Tensors.All(t => t.Name.StartsWith(wrapper + w, StringComparison.Ordinal))) is { } more)
            wrapper += more;
        return wrapper;
    }
}
