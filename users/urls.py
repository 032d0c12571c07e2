"""Routes of users."""

from django.urls import path

from . import views

app_name = "users"
urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("me/", views.preferences, name="preferences"),
    path("me/look/", views.look, name="look"),
    path("styleguide/", views.style_guide, name="styleguide"),
]
