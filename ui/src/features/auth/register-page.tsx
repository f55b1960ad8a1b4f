import { Link, Navigate, useNavigate } from "react-router";
import { useSession } from "@/api/session";
import { useT } from "@/i18n/i18n";
import { urls } from "@/lib/urls";
import { AuthFrame } from "./auth-frame";
import { RegisterForm } from "./register-form";

export function RegisterPage() {
  const t = useT();
  const navigate = useNavigate();
  const { status } = useSession();
  if (status === "signedIn") return <Navigate to={urls.home()} replace />;
  return (
    <AuthFrame title={t("auth.registerTitle")}>
      <RegisterForm setupToken={null} button={t("auth.register")} onDone={() => void navigate(urls.home())} />
      <Link to={urls.login()} className="mt-4 block text-sm text-link hover:underline">
        {t("auth.haveAccount")}
      </Link>
    </AuthFrame>
  );
}
