using System.IO.Enumeration;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>Which parameters of a model are trained. Operations do no gradient work for the others, and the optimizer keeps no state for them.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public interface IFreezePolicy
{
    /// <summary>Whether a parameter is trained.</summary>
    /// <param name="path">Its path in the model.</param>
    /// <param name="parameter">The parameter.</param>
    bool Trains(string path, Parameter parameter);
}

/// <summary>Applies freeze policies.</summary>
public static class FreezePolicies
{
    /// <summary>Freezes and thaws the parameters of a model; buffers stay frozen whatever the policy says.</summary>
    /// <exception cref="ArgumentException">Nothing is left to train.</exception>
    public static void Apply(this IFreezePolicy policy, Model model)
    {
        bool any = false;
        foreach ((string path, Parameter parameter) in model.Parameters())
        {
            parameter.Trainable = parameter.Role != ParameterRole.Buffer && policy.Trains(path, parameter);
            any |= parameter.Trainable;
        }
        if (!any)
            throw new ArgumentException($"The policy {policy} freezes every parameter: nothing is left to train.", nameof(policy));
    }
}

/// <summary>Everything is trained.</summary>
public sealed record TrainEverything : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => true;
}

/// <summary>Only the heads are trained: a linear probe of what the body has learned.</summary>
public sealed record TrainHeads : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => !IsBody(path);

    internal static bool IsBody(string path) => path.StartsWith("backbone.", StringComparison.Ordinal);
}

/// <summary>
/// The heads and some kinds of parameters of the body are trained. With norms and positions this is the frozen pretrained
/// transformer (Lu et al. 2021, arXiv:2103.05247), whose input and output layers are new.
/// </summary>
/// <param name="Roles">The kinds of the body's parameters that are trained.</param>
public sealed record TrainRoles(params IReadOnlyList<ParameterRole> Roles) : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => !TrainHeads.IsBody(path) || Roles.Contains(parameter.Role);
}

/// <summary>What patterns of paths say is trained, or is not.</summary>
/// <param name="Otherwise">Decides where no pattern fits.</param>
/// <param name="Patterns">Paths in which <c>*</c> stands for any characters, and whether what fits is trained; the first that fits counts.</param>
public sealed record TrainPatterns(IFreezePolicy Otherwise, params IReadOnlyList<(string Pattern, bool Train)> Patterns) : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter)
    {
        foreach ((string pattern, bool train) in Patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false))
                return train;
        }
        return Otherwise.Trains(path, parameter);
    }
}
