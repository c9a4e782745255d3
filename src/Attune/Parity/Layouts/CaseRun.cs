using Attune.Formats;
using Attune.Parity.Comparison;

namespace Attune.Parity.Layouts;

/// <summary>Runs the body of one case so that nothing it throws stops the others.</summary>
internal static class CaseRun
{
    /// <summary>Runs a case that compares tensors under the tolerances of its <c>case.json</c>.</summary>
    public static Func<ParityResult> OfTensors(CaseFolder folder, string layout, Func<string?> subject, Action<TensorComparison> body) =>
        OfTensors(folder.Name, folder, layout, subject, body);

    /// <summary>Runs one of several cases of a folder that compare tensors under the tolerances of its <c>case.json</c>.</summary>
    public static Func<ParityResult> OfTensors(
        string name, CaseFolder folder, string layout, Func<string?> subject, Action<TensorComparison> body) =>
        Of(name, layout, result =>
        {
            var comparison = new TensorComparison(Tolerances.Read(folder.Case!));
            result = result with { Subject = subject() };
            body(comparison);
            return comparison.Into(result);
        });

    /// <summary>Runs a case that compares vectors which must be equal.</summary>
    public static Func<ParityResult> OfLines(string name, string layout, string? subject, Action<LineTally> body) =>
        Of(name, layout, result =>
        {
            var tally = new LineTally();
            body(tally);
            return tally.Into(result with { Subject = subject });
        });

    /// <summary>Runs a case of any kind.</summary>
    /// <param name="name">What the case is called.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="body">Gives the result, from one that has passed.</param>
    public static Func<ParityResult> Of(string name, string layout, Func<ParityResult, ParityResult> body) => () =>
    {
        var result = new ParityResult(name, layout, ParityStatus.Passed);
        try
        {
            return body(result);
        }
        catch (UnknownCaseException unknown)
        {
            return result with { Status = ParityStatus.Unknown, Subject = unknown.Subject, Message = unknown.Message };
        }
        catch (AttuneFormatException faulty)
        {
            return result with { Status = ParityStatus.Failed, Message = faulty.Message };
        }
        // A case may hold anything, and whatever it breaks must not hide what becomes of the other cases.
        catch (Exception broken) when (broken is not (OperationCanceledException or OutOfMemoryException))
        {
            return result with { Status = ParityStatus.Failed, Message = $"{broken.GetType().Name}: {broken.Message}" };
        }
    };
}

/// <summary>A case is about something that is not known here.</summary>
internal sealed class UnknownCaseException(string what, string subject, string? advice = null)
    : Exception($"the {what} '{subject}' is not known{(advice is null ? "" : ": " + advice)}")
{
    /// <summary>What is not known.</summary>
    public string Subject { get; } = subject;
}
